import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { TemporarySystem } from "./temporary-system.ts";

/** Copies the services' logs to `.data/logs-of-<run>`, where they outlive the system. Returns the folder. */
export function keepLogs({ logFolder }: Pick<TemporarySystem, "logFolder">, run: string): string {
  const kept = join(import.meta.dirname, `../../.data/logs-of-${run}`);
  rmSync(kept, { recursive: true, force: true });
  cpSync(logFolder, kept, { recursive: true });
  return kept;
}
