import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { ownerOfData, stopLeftover } from "./data-claim.ts";
import { canEnter, type RunAs } from "./unprivileged-user.ts";

/** Where `npm start` keeps the data of a checkout. */
export type DataRoot = {
  /** The ignored folder in the checkout. */
  readonly folder: string;
  /** PostgreSQL's folder: in there, or outside when its user cannot enter the checkout. */
  readonly postgres: string;
  readonly nats: string;
};

/** Says where the data of a checkout live; nothing is made. */
export function dataRoot(checkout: string): DataRoot {
  const folder = join(resolve(checkout), ".data");
  return {
    folder,
    postgres: placeOf(join(folder, "postgres")),
    nats: join(folder, "nats"),
  };
}

/** Where the data that `wanted` was asked for are kept: there, or where a record in it says. */
export function placeOf(wanted: string): string {
  return recordedPlace(resolve(wanted)) ?? resolve(wanted);
}

/** The number of the process that runs a server on this checkout's data; undefined when there is none. */
export function whoUsesData(root: DataRoot): number | undefined {
  return (ownerOfData(root.postgres) ?? ownerOfData(root.nats))?.pid;
}

/** Stops servers that a crashed process left running on a checkout's data. */
export async function stopLeftoverServers(root: DataRoot): Promise<void> {
  await stopLeftover({ dataDir: root.postgres, signal: "SIGINT", withinMs: 30_000 });
  await stopLeftover({ dataDir: root.nats, signal: "SIGTERM", withinMs: 10_000 });
}

/**
 * The folder to keep PostgreSQL's data in when `wanted` is asked for: `wanted` itself, unless the user
 * that the server runs as cannot enter the folder around it. Then it is one below `/var/lib`, named for
 * `wanted`, and a file in `wanted` records it.
 */
export function placeData(options: {
  readonly wanted: string;
  readonly runAs: RunAs | undefined;
  readonly progress: (line: string) => void;
}): string {
  const { runAs, progress } = options;
  const wanted = resolve(options.wanted);
  const recorded = recordedPlace(wanted);
  if (recorded !== undefined) {
    return recorded;
  }
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(runAs, dirname(wanted))) {
    return wanted;
  }
  const elsewhere = placeOutside(wanted, runAs);
  progress(
    `the user ${runAs?.name} cannot enter ${dirname(wanted)}: data are kept in ${elsewhere}`,
  );
  mkdirSync(wanted, { recursive: true });
  writeFileSync(join(wanted, recordName), `${elsewhere}\n`);
  return elsewhere;
}

const recordName = "kept-in";

/** A record that came here with a copy of another checkout does not count. */
function recordedPlace(wanted: string): string | undefined {
  try {
    const place = readFileSync(join(wanted, recordName), "utf8").trim();
    return basename(place) === nameOutside(wanted) ? place : undefined;
  } catch {
    return undefined;
  }
}

function nameOutside(wanted: string): string {
  const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 12);
  return `${basename(wanted)}-${hash}`;
}

function placeOutside(wanted: string, runAs: RunAs | undefined): string {
  const parents = ["/var/lib/ordersaga", join(tmpdir(), "ordersaga-data")];
  const parent = parents.find((candidate) => {
    try {
      mkdirSync(candidate, { recursive: true });
      return canEnter(runAs, candidate);
    } catch {
      return false;
    }
  });
  if (parent === undefined) {
    throw new Error(
      `The user ${runAs?.name} can enter none of these folders: ${parents.join(", ")}`,
    );
  }
  return join(parent, nameOutside(wanted));
}
