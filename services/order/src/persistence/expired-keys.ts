import type { Database } from "@ordersaga/outbox";

import { forgetKeys } from "./idempotency-statements.ts";

/** Forgets all keys that were taken before a time, some at a time; returns how many there were. */
export function expiredKeysIn(
  database: Pick<Database, "query">,
): (before: Date, signal: AbortSignal) => Promise<number> {
  return async (before, signal) => {
    let forgotten = 0;
    while (!signal.aborted) {
      const rows = await database.query(forgetKeys, [before, keysAtOnce]);
      forgotten += rows.length;
      if (rows.length < keysAtOnce) {
        break;
      }
    }
    return forgotten;
  };
}

const keysAtOnce = 5000;
