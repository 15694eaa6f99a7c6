import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { cacheFolder } from "./cache-folder.ts";
import { downloadNatsServer } from "./download-nats-server.ts";
import { installNatsServer } from "./install-nats-server.ts";
import { runCommand } from "./run-command.ts";
import type { WayToGet } from "./way-to-get.ts";

export type FindNatsServerOptions = {
  /** Path of the program; when given, no other is looked for. */
  readonly program?: string | undefined;
  /** Folders to look into, as in `PATH`. Ours unless given, and where system packages put servers. */
  readonly path?: string;
  /** Ways to get one when none is found; the system's package manager, then a download, unless given. */
  readonly waysToGet?: readonly WayToGet[];
  /** Hears what takes long. */
  readonly progress?: (line: string) => void;
};

/**
 * Finds nats-server on this machine, or gets it. Resolves with the path of a program that runs. When all
 * ways lead nowhere, it throws an Error that says what to do and, way by way, why.
 */
export async function findNatsServer(options: FindNatsServerOptions = {}): Promise<string> {
  const progress = options.progress ?? ((): void => undefined);
  if (options.program !== undefined) {
    return await checked(options.program);
  }
  const cache = cacheFolder(undefined);
  const reasons: string[] = [];
  const installed = candidates(options.path ?? process.env["PATH"] ?? "", cache);
  const ways = [
    ...installed.map((program) => async (): Promise<string> => program),
    ...(options.waysToGet ?? [installNatsServer, downloadNatsServer]),
  ];
  for (const way of ways) {
    try {
      // One way after the other: the next is only tried when this one leads nowhere.
      // oxlint-disable-next-line no-await-in-loop
      return await checked(await way({ cache, progress }));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    "There is no nats-server on this machine, and it could not be installed. Install it (Debian and " +
      "Ubuntu: apt-get install nats-server; macOS: brew install nats-server), or set NATS_URL to one " +
      `that runs already.\n  ${reasons.join("\n  ")}`,
  );
}

const usualFolders = [
  "/usr/local/bin",
  "/usr/local/sbin",
  "/usr/bin",
  "/usr/sbin",
  "/opt/homebrew/bin",
  "/snap/bin",
] as const;

function candidates(path: string, cache: string): readonly string[] {
  const folders = new Set([...path.split(delimiter).filter(Boolean), ...usualFolders, cache]);
  return [...folders].map((folder) => join(folder, "nats-server")).filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** It has to run, and to be new enough for JetStream as we use it. */
async function checked(program: string): Promise<string> {
  const { output, status } = await runCommand({
    file: program,
    args: ["--version"],
    withinMs: 10_000,
  });
  const [, major, minor] = /v?([0-9]+)\.([0-9]+)\.[0-9]+/.exec(output) ?? [];
  if (status !== 0 || major === undefined || minor === undefined) {
    throw new Error(`${program} does not run: ${output.trim()}`);
  }
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 9)) {
    throw new Error(`${program} is version ${major}.${minor}: 2.9 or newer is needed`);
  }
  return program;
}
