import {
  startTemporarySystem,
  type TemporarySystem,
} from "../../scripts/system/temporary-system.ts";

/** The whole system on servers and ports of its own, for one test file. */
export type TestSystem = TemporarySystem;

/** Starts real processes on a real PostgreSQL and a real nats-server in a temporary folder. */
export async function startTestSystem(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestSystem> {
  return await startTemporarySystem({ settings });
}
