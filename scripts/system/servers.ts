import { join } from "node:path";

import { startNats, startPostgres } from "@ordersaga/local-servers";
import { Client } from "pg";

import type { Secrets } from "./secrets.ts";
import { type ServiceRow, serviceTable } from "./service-table.ts";

/** The database server and the broker: ours, or those that `DATABASE_URL` and `NATS_URL` name. */
export type Servers = {
  readonly natsUrl: string;
  /** Connection string of each service, by its name. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** What to print as the database's address: without a password. */
  readonly databaseAddress: string;
  readonly stop: () => Promise<void>;
};

export type StartServersOptions = {
  readonly folder: string;
  readonly secrets: Secrets;
  /** An administrator's connection string, or undefined to run a server of our own. */
  readonly databaseUrl: string | undefined;
  readonly natsUrl: string | undefined;
  readonly progress: (line: string) => void;
};

const watchEveryMs = 500;

/** Starts what is not given and makes a role and a database for each service. */
export async function startServers(options: StartServersOptions): Promise<Servers> {
  const [postgres, nats] = await Promise.all([usePostgres(options), useNats(options)]);
  const stopWatching = [postgres, nats].map((server) => watch(server, options.progress));
  const databaseUrls: Record<string, string> = {};
  for (const row of serviceTable) {
    const password = options.secrets.passwords[row.role] ?? "";
    // Roles and databases are made one after the other: CREATE DATABASE locks its template.
    databaseUrls[row.name] = await postgres.createDatabase(row, password);
  }
  return {
    natsUrl: nats.url,
    databaseUrls,
    databaseAddress: withoutPassword(postgres.url),
    async stop() {
      for (const end of stopWatching) {
        end();
      }
      await Promise.all([postgres.stop(), nats.stop()]);
    },
  };
}

type Server = {
  readonly name: string;
  readonly url: string;
  /** Undefined for a server that is not ours. */
  readonly pid: (() => number) | undefined;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type DatabaseServer = Server & {
  readonly createDatabase: (row: ServiceRow, password: string) => Promise<string>;
};

async function usePostgres(options: StartServersOptions): Promise<DatabaseServer> {
  if (options.databaseUrl !== undefined) {
    return givenPostgres(options.databaseUrl);
  }
  const { progress } = options;
  const postgres = await startPostgres({
    dataDir: join(options.folder, "postgres"),
    port: 0,
    progress,
  });
  return {
    name: "PostgreSQL",
    url: postgres.adminUrl,
    pid: postgres.pid,
    restart: postgres.restart,
    stop: postgres.stop,
    createDatabase: async ({ role, database }, password) => {
      const { url } = await postgres.createRoleAndDatabase({ role, database, password });
      return url;
    },
  };
}

async function useNats(options: StartServersOptions): Promise<Server> {
  if (options.natsUrl !== undefined) {
    return { name: "NATS", url: options.natsUrl, ...notOurs };
  }
  const { progress } = options;
  const nats = await startNats({ dataDir: join(options.folder, "nats"), port: 0, progress });
  return {
    name: "nats-server",
    url: nats.url,
    pid: nats.pid,
    restart: nats.restart,
    stop: nats.stop,
  };
}

const notOurs = {
  pid: undefined,
  restart: async (): Promise<void> => undefined,
  stop: async (): Promise<void> => undefined,
} as const;

/** Uses a server that somebody else runs: makes what is missing, never drops anything. */
function givenPostgres(adminUrl: string): DatabaseServer {
  return {
    name: "PostgreSQL",
    url: adminUrl,
    ...notOurs,
    async createDatabase({ role, database }, password) {
      const client = new Client({ connectionString: adminUrl });
      await client.connect();
      try {
        const quoted = client.escapeLiteral(password);
        const roles = await client.query("select 1 from pg_roles where rolname = $1", [role]);
        const verb = roles.rowCount === 0 ? "create" : "alter";
        await client.query(`${verb} role "${role}" login password ${quoted}`);
        const databases = await client.query("select 1 from pg_database where datname = $1", [
          database,
        ]);
        if (databases.rowCount === 0) {
          await client.query(`create database "${database}" owner "${role}"`);
          await client.query(`revoke all on database "${database}" from public`);
        }
      } finally {
        await client.end();
      }
      const url = new URL(adminUrl);
      url.username = role;
      url.password = password;
      url.pathname = `/${database}`;
      return url.href;
    },
  };
}

/** Starts a server of ours again when it has died. Returns what ends the watching. */
function watch(server: Server, progress: (line: string) => void): () => void {
  let isRestarting = false;
  const timer = setInterval(() => {
    if (server.pid === undefined || isRestarting || isAlive(server.pid())) {
      return;
    }
    isRestarting = true;
    progress(`${server.name} died; it is started again`);
    server
      .restart()
      .catch((error: unknown) => progress(`${server.name} does not start: ${String(error)}`))
      .finally(() => {
        isRestarting = false;
      });
  }, watchEveryMs);
  return () => clearInterval(timer);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = "";
  return shown.href;
}
