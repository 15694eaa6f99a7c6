import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  identifyProcess,
  isProcessAlive,
  type ProcessIdentity,
  signalProcess,
} from "./process-identity.ts";

/** Who started a server on a data directory, and the server itself. */
export type Owner = { readonly owner: ProcessIdentity; readonly server: ProcessIdentity };

/** Thrown when a living process already runs a server on the data directory. */
export class DataInUseError extends Error {
  override readonly name = "DataInUseError";
  readonly ownerPid: number;

  constructor(options: { readonly dataDir: string; readonly ownerPid: number }) {
    super(
      `${options.dataDir} is in use: process ${options.ownerPid} runs a server on it. ` +
        `Stop that process first (kill ${options.ownerPid}).`,
    );
    this.ownerPid = options.ownerPid;
  }
}

/** Records that this process runs the server `serverPid` on the data directory. */
export function writeOwner(options: {
  readonly dataDir: string;
  readonly serverPid: number;
}): void {
  const owner = identifyProcess(process.pid);
  const server = identifyProcess(options.serverPid);
  if (owner !== undefined && server !== undefined) {
    writeFileSync(ownerPath(options.dataDir), `${JSON.stringify({ owner, server })}\n`);
  }
}

/** Forgets who ran a server on the data directory, when the record is of the given server. */
export function removeOwner(options: {
  readonly dataDir: string;
  readonly serverPid: number;
}): void {
  if (readOwner(options.dataDir)?.server.pid === options.serverPid) {
    rmSync(ownerPath(options.dataDir), { force: true });
  }
}

/** What is recorded for a data directory, be it true still or not; undefined when nothing is. */
export function readOwner(dataDir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(ownerPath(dataDir), "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that nothing runs on the data directory. A server whose owner died is stopped: asked first,
 * killed after `withinMs`. Throws {@link DataInUseError} when the owner is alive.
 */
export async function stopLeftover(options: {
  readonly dataDir: string;
  readonly signal: NodeJS.Signals;
  readonly withinMs: number;
}): Promise<"nothing" | "stopped"> {
  const found = readOwner(options.dataDir);
  if (found === undefined || !isProcessAlive(found.server)) {
    return "nothing";
  }
  if (isProcessAlive(found.owner)) {
    throw new DataInUseError({ dataDir: options.dataDir, ownerPid: found.owner.pid });
  }
  await endProcess({ identity: found.server, ...options });
  return "stopped";
}

/** Ends a process that is not a child of ours: asks by the signal, kills it after `withinMs`. */
export async function endProcess(options: {
  readonly identity: ProcessIdentity;
  readonly signal: NodeJS.Signals;
  readonly withinMs: number;
}): Promise<void> {
  const { identity, signal, withinMs } = options;
  signalProcess(identity.pid, signal);
  for (let waitedMs = 0; isProcessAlive(identity); waitedMs += 50) {
    if (waitedMs >= withinMs) {
      signalProcess(identity.pid, "SIGKILL");
    }
    if (waitedMs >= withinMs + 10_000) {
      throw new Error(`process ${identity.pid} cannot be killed: it runs as another user`);
    }
    await sleep(50);
  }
}

function ownerPath(dataDir: string): string {
  return join(dataDir, "owner.json");
}
