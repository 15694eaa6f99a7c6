import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { dataFolder } from "./place.ts";

/** What `npm start` writes down about the system it keeps running, for the other scripts. */
export type RunningSystem = {
  readonly pid: number;
  readonly startedAt: string;
  readonly operatorToken: string;
  /** Base URL of each service, by its name. */
  readonly services: Readonly<Record<string, string>>;
};

const file = join(dataFolder, "running-system.json");

/** The system that `npm start` keeps running from this checkout; undefined when there is none. */
export function findRunningSystem(): RunningSystem | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  const system = JSON.parse(readFileSync(file, "utf8")) as RunningSystem;
  return isAlive(system.pid) ? system : undefined;
}

export function recordRunningSystem(system: RunningSystem): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });
}

export function forgetRunningSystem(): void {
  rmSync(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
