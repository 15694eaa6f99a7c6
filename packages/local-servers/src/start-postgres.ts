import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import { placeData, placeOf } from "./data-folders.ts";
import { freePort } from "./free-port.ts";
import { endProcess, removeOwner, stopLeftover, writeOwner } from "./owner-file.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { openPostgresCluster, type PostgresCluster } from "./postgres-cluster.ts";
import {
  describePostgresFailure,
  saysOldServerLingers,
  saysPortIsTaken,
} from "./postgres-failure.ts";
import { createRoleAndDatabase, type NewDatabase } from "./postgres-database.ts";
import {
  developmentSettings,
  type PostgresSettings,
  settingsArguments,
} from "./postgres-settings.ts";
import { identifyProcess } from "./process-identity.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import { type RunAs, unprivilegedUser } from "./unprivileged-user.ts";

/** A PostgreSQL server of our own that runs on this machine. */
export type LocalPostgres = {
  /** Of the superuser, with its password, to the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** Of the main server process at this moment. */
  readonly pid: () => number;
  /** Ends it in order: sessions are cut, everything is written out. Data stay. */
  readonly stop: () => Promise<void>;
  /** Ends all its processes by SIGKILL, as a loss of power would. */
  readonly kill: () => Promise<void>;
  /** Stops it unless it has ended already, and starts it again on the same port. */
  readonly restart: () => Promise<void>;
  /** Makes a role and a database that belongs to it, or sets the password of those there are. */
  readonly createRoleAndDatabase: (options: NewDatabase) => Promise<{ readonly url: string }>;
};

export type StartPostgresOptions = {
  /** Folder of its own for the data files, the log and the password; made when missing. */
  readonly dataDir: string;
  /** 0 for any port that is free. */
  readonly port: number;
  /** Added to, or instead of, the {@link developmentSettings}. */
  readonly settings?: PostgresSettings;
  /** Hears what takes long, in lines without a full stop. */
  readonly progress?: (line: string) => void;
};

/**
 * Starts PostgreSQL (version 18, from npm) on the loopback address, and resolves when it answers. As
 * root, it runs as another user; where that one cannot enter `dataDir`, the data are kept elsewhere (see
 * {@link dataRoot}). A server that a crashed process left on the same data is stopped first.
 * Throws a {@link DataInUseError} when a living process runs one, and an Error with a sentence that says
 * what to do when it does not start.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<LocalPostgres> {
  const progress = options.progress ?? ((): void => undefined);
  const runAs = unprivilegedUser(placeOf(options.dataDir));
  const dataDir = placeData({ wanted: options.dataDir, runAs, progress });
  const binaries = findPostgresBinaries({ runAs, progress });
  await stopLeftover({ dataDir, signal: "SIGINT", withinMs: 30_000 });
  const settings = { ...developmentSettings, ...options.settings };
  const cluster = await openPostgresCluster({ binaries, dataDir, runAs, settings, progress });
  const launch = { binaries, cluster, dataDir, runAs, settings, progress };
  let running = await launchOnPort({ ...launch, port: options.port });
  const { port } = running;
  const adminUrl = adminUrlOf(cluster, port);

  async function stop(): Promise<void> {
    await running.server.stop(stopSteps);
    removeOwner({ dataDir, serverPid: running.server.pid });
  }
  return {
    adminUrl,
    port,
    pid: () => running.server.pid,
    stop,
    kill: async () => {
      await running.server.kill();
      removeOwner({ dataDir, serverPid: running.server.pid });
    },
    restart: async () => {
      await stop();
      running = await launchOnPort({ ...launch, port });
    },
    createRoleAndDatabase: async (wanted) => await createRoleAndDatabase(adminUrl, wanted),
  };
}

/** Fast shutdown, then immediate shutdown, then the end. */
const stopSteps = [
  { signal: "SIGINT", withinMs: 30_000 },
  { signal: "SIGQUIT", withinMs: 10_000 },
  { signal: "SIGKILL", withinMs: 5000 },
] as const;

type Launch = {
  readonly binaries: PostgresBinaries;
  readonly cluster: PostgresCluster;
  readonly dataDir: string;
  readonly runAs: RunAs | undefined;
  readonly settings: PostgresSettings;
  readonly port: number;
  readonly progress: (line: string) => void;
};

type Running = { readonly server: ServerProcess; readonly port: number };

/** Tries again when a free port was taken in between, or while a killed server's processes go away. */
async function launchOnPort(launch: Launch): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const port = launch.port === 0 ? await freePort() : launch.port;
    const server = await launchOnce({ ...launch, port });
    const outcome = await waitUntilAnswering({ ...launch, port, server });
    if (outcome === "answers") {
      return { server, port };
    }
    await server.kill();
    const log = server.log();
    const isWorthRepeating =
      (launch.port === 0 && saysPortIsTaken(log)) || saysOldServerLingers(log);
    if (attempt === 10 || !isWorthRepeating) {
      throw new Error(describePostgresFailure({ log, port, dataDir: launch.dataDir }));
    }
    await sleep(300);
  }
}

async function launchOnce(launch: Launch): Promise<ServerProcess> {
  await removeStalePid(launch.cluster.folder);
  const server = await startServerProcess({
    file: launch.binaries.postgres,
    args: [
      "-D",
      launch.cluster.folder,
      "-p",
      `${launch.port}`,
      ...settingsArguments(launch.settings),
    ],
    environment: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    runAs: launch.runAs,
    logFile: join(launch.dataDir, "server.log"),
    exitSignal: "SIGINT",
  });
  writeOwner({ dataDir: launch.dataDir, serverPid: server.pid });
  return server;
}

/**
 * The file `postmaster.pid` outlives a killed server, and keeps the next one from starting once its number
 * belongs to another process. A server that does run on these data, of nobody that is alive, is stopped.
 */
async function removeStalePid(folder: string): Promise<void> {
  const path = join(folder, "postmaster.pid");
  const pid = Number(readTextOr(path, "").split("\n")[0]);
  if (!(pid > 0)) {
    return;
  }
  const identity = identifyProcess(pid);
  if (identity !== undefined && readTextOr(`/proc/${pid}/cmdline`, folder).includes(folder)) {
    await endProcess({ identity, signal: "SIGINT", withinMs: 30_000 });
  }
  rmSync(path, { force: true });
}

function readTextOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

/** Recovery after a crash replays what was not written out yet, which may take a while. */
async function waitUntilAnswering(
  options: Launch & { readonly server: ServerProcess },
): Promise<"answers" | "ended" | "silent"> {
  const connectionString = adminUrlOf(options.cluster, options.port);
  for (let waitedMs = 0; waitedMs < 180_000; waitedMs += 100) {
    if (options.server.hasEnded()) {
      return "ended";
    }
    const client = new Client({ connectionString, connectionTimeoutMillis: 2000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
      return "answers";
    } catch {
      await sleep(100);
    } finally {
      await client.end().catch(() => undefined);
    }
    if (waitedMs % 10_000 === 9900) {
      options.progress("waiting for PostgreSQL to recover its data");
    }
  }
  return "silent";
}

function adminUrlOf(cluster: PostgresCluster, port: number): string {
  return `postgresql://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/postgres`;
}
