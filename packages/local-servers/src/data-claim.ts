import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  endProcess,
  identifyProcess,
  isProcessAlive,
  type ProcessIdentity,
} from "./process-identity.ts";
import type { ServerProcess } from "./server-process.ts";

/** A process's right to run a server on a data directory. Others see it in a file there. */
export type DataClaim = {
  /** Records the server, for whoever finds it running after this process crashed; kills it if it cannot. */
  readonly recordServer: (server: ServerProcess) => Promise<void>;
  readonly release: () => void;
};

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

export type ClaimDataOptions = {
  readonly dataDir: string;
  /** Asks the server to end in order. */
  readonly signal: NodeJS.Signals;
  /** A server that was asked and has not ended after this time is killed. */
  readonly withinMs: number;
};

/**
 * Claims a data directory for this process, and stops a server that a process left running on it when it
 * crashed. Throws a {@link DataInUseError} when another living process, or this one, has claimed it.
 */
export async function claimData(options: ClaimDataOptions): Promise<DataClaim> {
  const { dataDir } = options;
  const owner = identifyProcess(process.pid);
  if (owner === undefined) {
    throw new Error("This system does not tell what processes run.");
  }
  const path = claimPath(dataDir);
  const claim = replaceStale({ path, ours: { owner }, dataDir });
  if (claim?.server !== undefined && isProcessAlive(claim.server)) {
    await endProcess({ ...options, identity: claim.server });
  }
  return {
    recordServer: async (running) => {
      const server = identifyProcess(running.pid);
      try {
        writeFileSync(path, textOf({ owner, ...(server === undefined ? {} : { server }) }));
      } catch (error) {
        await running.kill();
        throw error;
      }
    },
    release: () => rmSync(path, { force: true }),
  };
}

/** The living process that has claimed a data directory; undefined when there is none. */
export function ownerOfData(dataDir: string): ProcessIdentity | undefined {
  const owner = readClaim(claimPath(dataDir))?.owner;
  return owner !== undefined && isProcessAlive(owner) ? owner : undefined;
}

/** Stops a server that a crashed process left running on a data directory, if there is one. */
export async function stopLeftover(options: ClaimDataOptions): Promise<void> {
  if (readClaim(claimPath(options.dataDir)) !== undefined) {
    const claim = await claimData(options);
    claim.release();
  }
}

type Claim = { readonly owner: ProcessIdentity; readonly server?: ProcessIdentity };

/** Writes our claim, and returns the one of a dead process that was there before. */
function replaceStale(options: {
  readonly path: string;
  readonly ours: Claim;
  readonly dataDir: string;
}): Claim | undefined {
  const { path, ours, dataDir } = options;
  let stale: Claim | undefined;
  for (;;) {
    try {
      writeFileSync(path, textOf(ours), { flag: "wx", mode: 0o600 });
      return stale;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
        throw error;
      }
    }
    const found = readClaim(path);
    if (found !== undefined && isProcessAlive(found.owner)) {
      throw new DataInUseError({ dataDir, ownerPid: found.owner.pid });
    }
    stale = takeAway(path, found) ?? stale;
  }
}

/** Of several processes that find the same stale claim, one takes it away. */
function takeAway(path: string, found: Claim | undefined): Claim | undefined {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return undefined;
  }
  const taken = readClaim(aside);
  if (taken !== undefined && textOf(taken) !== (found && textOf(found))) {
    // Somebody else was quicker, and this is the new claim.
    renameSync(aside, path);
    return undefined;
  }
  rmSync(aside, { force: true });
  return taken;
}

/** Undefined also for a file that a full disk or a crash left broken. */
function readClaim(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Claim;
  } catch {
    return undefined;
  }
}

function textOf(claim: Claim): string {
  return `${JSON.stringify(claim)}\n`;
}

function claimPath(dataDir: string): string {
  return join(dataDir, "owner.json");
}
