import { mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { canEnter, type RunAs } from "./unprivileged-user.ts";

/**
 * Makes and returns a folder for things that can be fetched or copied again: below `/var/cache` for root,
 * in the home folder for everybody else, and in the folder of temporary files when that fails. The user
 * that a server runs as can enter it.
 */
export function cacheFolder(runAs: RunAs | undefined): string {
  const isRoot = process.getuid?.() === 0;
  const candidates = [
    isRoot ? "/var/cache/ordersaga" : join(homedir(), ".cache/ordersaga"),
    join(tmpdir(), `ordersaga-cache-${process.getuid?.() ?? 0}`),
  ];
  const folder = candidates.find((candidate) => {
    try {
      mkdirSync(candidate, { recursive: true, mode: isRoot ? 0o755 : 0o700 });
      return canEnter(runAs, candidate);
    } catch {
      return false;
    }
  });
  if (folder === undefined) {
    throw new Error(`None of these folders can be written: ${candidates.join(", ")}`);
  }
  return folder;
}
