import { claimData } from "./data-claim.ts";
import { placeData, placeOf } from "./data-folders.ts";
import { explainingFileFailures } from "./file-failure.ts";
import { adminUrlOf, launchPostgres } from "./launch-postgres.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { makeDataDir, openPostgresCluster } from "./postgres-cluster.ts";
import { createRoleAndDatabase, type NewDatabase } from "./postgres-database.ts";
import { developmentSettings, type PostgresSettings } from "./postgres-settings.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

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
  return await explainingFileFailures(options.dataDir, async () => await start(options));
}

async function start(options: StartPostgresOptions): Promise<LocalPostgres> {
  const progress = options.progress ?? ((): void => undefined);
  const runAs = unprivilegedUser(placeOf(options.dataDir));
  const dataDir = placeData({ wanted: options.dataDir, runAs, progress });
  const binaries = findPostgresBinaries({ runAs, progress });
  const settings = { ...developmentSettings, ...options.settings };
  makeDataDir(dataDir, runAs);
  const leftover = { dataDir, signal: "SIGINT", withinMs: 30_000 } as const;
  let claim = await claimData(leftover);
  try {
    const cluster = await openPostgresCluster({ binaries, dataDir, runAs, settings, progress });
    const launch = { binaries, cluster, dataDir, runAs, settings, progress };
    const first = await launchPostgres({ ...launch, claim, port: options.port });
    const { port } = first;
    let { server } = first;
    const adminUrl = adminUrlOf(cluster, port);
    const stop = async (): Promise<void> => {
      await server.stop(stopSteps);
      claim.release();
    };
    return {
      adminUrl,
      port,
      pid: () => server.pid,
      stop,
      kill: async () => {
        await server.kill();
        claim.release();
      },
      restart: async () => {
        await stop();
        claim = await claimData(leftover);
        ({ server } = await launchPostgres({ ...launch, claim, port }));
      },
      createRoleAndDatabase: async (wanted) => await createRoleAndDatabase(adminUrl, wanted),
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Fast shutdown, then immediate shutdown, then the end. */
const stopSteps = [
  { signal: "SIGINT", withinMs: 30_000 },
  { signal: "SIGQUIT", withinMs: 10_000 },
  { signal: "SIGKILL", withinMs: 5000 },
] as const;
