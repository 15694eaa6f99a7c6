import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runCommand } from "./run-command.ts";
import type { WayToGet } from "./way-to-get.ts";

const version = "v2.10.24";

/** Downloads the project's own release for this platform into the cache folder. */
export const downloadNatsServer: WayToGet = downloadNatsServerFrom(
  `https://github.com/nats-io/nats-server/releases/download/${version}`,
);

/** The same from another place that holds the release's archives and its `SHA256SUMS`. */
export function downloadNatsServerFrom(address: string): WayToGet {
  return async ({ cache, progress }) => {
    const name = `nats-server-${version}-${process.platform}-${architecture()}`;
    const archive = `${name}.tar.gz`;
    progress(`downloading ${address}/${archive}`);
    const sums = (await fetchBytes(`${address}/SHA256SUMS`, 10_000)).toString("utf8");
    const bytes = await fetchBytes(`${address}/${archive}`, 60_000);
    const sum = createHash("sha256").update(bytes).digest("hex");
    if (!sums.split("\n").some((line) => line.startsWith(sum) && line.endsWith(archive))) {
      throw new Error(`${address}/${archive}: its checksum is not the one in SHA256SUMS`);
    }
    return await unpack({ bytes, name, cache });
  };
}

function architecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

async function fetchBytes(url: string, withinMs: number): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(withinMs) });
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`, { cause: error });
  }
}

/** `fetch` hides the reason of a failed connection in the cause. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}

/** Unpacks beside the target and renames, so that nobody ever runs half a program. */
async function unpack(options: {
  readonly bytes: Buffer;
  readonly name: string;
  readonly cache: string;
}): Promise<string> {
  const folder = mkdtempSync(join(options.cache, "unpacking-"));
  try {
    const archive = join(folder, "archive.tar.gz");
    writeFileSync(archive, options.bytes);
    const { status, output } = await runCommand({
      file: "tar",
      args: ["-xzf", archive, "-C", folder],
      withinMs: 60_000,
    });
    if (status !== 0) {
      throw new Error(`tar: ${output.trim()}`);
    }
    const program = join(options.cache, "nats-server");
    renameSync(join(folder, options.name, "nats-server"), program);
    return program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
