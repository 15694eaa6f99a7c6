import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import type { PostgresBinaries } from "./postgres-binaries.ts";
import { describePostgresFailure } from "./postgres-failure.ts";
import { initdbSyncArgument, type PostgresSettings } from "./postgres-settings.ts";
import { canEnter, type RunAs } from "./unprivileged-user.ts";

/** The data files of one PostgreSQL server. */
export type PostgresCluster = {
  /** PostgreSQL's own folder, its `PGDATA`. */
  readonly folder: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
};

/**
 * Opens the data files below `dataDir`, and makes them when there are none: superuser `postgres` with a
 * random password, kept in a file that only its owner can read; passwords for everybody; UTF-8; sorted
 * by code point, so that nothing depends on the locales of the machine. Interrupted, it leaves nothing
 * that a later start takes for data.
 */
export async function openPostgresCluster(options: {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly runAs: RunAs | undefined;
  readonly settings: PostgresSettings;
  readonly progress: (line: string) => void;
}): Promise<PostgresCluster> {
  const { dataDir, runAs } = options;
  const folder = join(dataDir, "data");
  const passwordFile = join(dataDir, "password");
  if (!existsSync(folder)) {
    options.progress(`making PostgreSQL's data files in ${dataDir}`);
    writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
    give(passwordFile, runAs);
    rmSync(`${folder}.new`, { recursive: true, force: true });
    await initdb({ ...options, folder: `${folder}.new`, passwordFile });
    renameSync(`${folder}.new`, folder);
  }
  return { folder, password: readFileSync(passwordFile, "utf8") };
}

/** Makes the folder for everything, closed to all but the user that the server runs as. */
export function makeDataDir(dataDir: string, runAs: RunAs | undefined): void {
  mkdirSync(dataDir, { recursive: true });
  give(dataDir, runAs);
  if (runAs !== undefined) {
    chmodSync(dataDir, 0o700);
  }
  if (!canEnter(runAs, dataDir)) {
    throw new Error(
      `${dataDir} cannot be entered by the user ${runAs?.name ?? "that you are"}, who PostgreSQL runs as: ` +
        "choose a data folder that is open to others.",
    );
  }
}

function give(path: string, runAs: RunAs | undefined): void {
  if (runAs !== undefined) {
    chownSync(path, runAs.ids.uid, runAs.ids.gid);
  }
}

const initdbArguments = [
  "--username=postgres",
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
] as const;

async function initdb(options: {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly runAs: RunAs | undefined;
  readonly settings: PostgresSettings;
  readonly folder: string;
  readonly passwordFile: string;
}): Promise<void> {
  const args = [
    ...initdbArguments,
    initdbSyncArgument(options.settings),
    `--pgdata=${options.folder}`,
    `--pwfile=${options.passwordFile}`,
  ];
  const child = spawn(options.binaries.initdb, args, {
    ...options.runAs?.ids,
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [status, ...written] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== 0) {
    const log = written.join("\n");
    throw new Error(describePostgresFailure({ log, dataDir: options.dataDir }));
  }
}
