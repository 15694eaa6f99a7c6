import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { DataClaim } from "./data-claim.ts";
import { freePort } from "./free-port.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import {
  describePostgresFailure,
  saysOldServerLingers,
  saysPortIsTaken,
} from "./postgres-failure.ts";
import { type PostgresSettings, settingsArguments } from "./postgres-settings.ts";
import { commandOf, endProcess, identifyProcess } from "./process-identity.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import type { RunAs } from "./unprivileged-user.ts";

/** All that it takes to start a server process on data files that exist. */
export type PostgresLaunch = {
  readonly binaries: PostgresBinaries;
  readonly cluster: PostgresCluster;
  readonly dataDir: string;
  readonly claim: DataClaim;
  readonly runAs: RunAs | undefined;
  readonly settings: PostgresSettings;
  readonly port: number;
  readonly progress: (line: string) => void;
};

export type RunningPostgres = { readonly server: ServerProcess; readonly port: number };

/**
 * Starts the server process and waits until it answers. It is started again when a free port was taken in
 * between, and while processes of a killed server go away.
 */
export async function launchPostgres(launch: PostgresLaunch): Promise<RunningPostgres> {
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

async function launchOnce(launch: PostgresLaunch): Promise<ServerProcess> {
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
  await launch.claim.recordServer(server);
  return server;
}

/**
 * The file `postmaster.pid` outlives a killed server, and keeps the next one from starting once its number
 * belongs to another process. A server that does run on these data, of nobody that is alive, is stopped.
 */
async function removeStalePid(folder: string): Promise<void> {
  const path = join(folder, "postmaster.pid");
  const pid = Number(readTextOrNothing(path).split("\n")[0]);
  if (!(pid > 0)) {
    return;
  }
  const identity = identifyProcess(pid);
  if (identity !== undefined && commandOf(pid).includes(folder)) {
    await endProcess({ identity, signal: "SIGINT", withinMs: 30_000 });
  }
  rmSync(path, { force: true });
}

function readTextOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Recovery after a crash replays what was not written out yet, which may take a while. */
async function waitUntilAnswering(
  options: PostgresLaunch & { readonly server: ServerProcess },
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

/** Of the superuser. */
export function adminUrlOf(cluster: PostgresCluster, port: number): string {
  return `postgresql://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/postgres`;
}
