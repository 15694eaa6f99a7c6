import { type Clock, failpoint } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";

import type { LedgerOperation, LedgerResult } from "../domain/ledger-operation.ts";
import { entryOf, findKnownKeys, ledgerValues, writeLedger } from "./write-ledger.ts";

/** The durable record of all keys. */
export type Ledger = {
  /** Commits operations with distinct keys; the results are in the same order. */
  readonly write: (operations: readonly LedgerOperation[]) => Promise<readonly LedgerResult[]>;
  /** Those of the keys that it knows. */
  readonly findKnownKeys: (keys: readonly string[]) => Promise<ReadonlySet<string>>;
};

/** The ledger in PostgreSQL: one statement, and so one commit, for each set. */
export function createLedger(database: Database, clock: Clock): Ledger {
  return {
    write: async (operations) => {
      failpoint("provider.before-commit", operations[0]?.kind);
      const rows = await database.query(writeLedger, ledgerValues(operations, clock.now()));
      // What is durable now may never be told: the caller has to ask again.
      failpoint("provider.after-commit", operations[0]?.kind);
      const byKey = new Map(rows.map((row) => [row.idempotency_key, row]));
      return operations.map(({ key }) => {
        const row = byKey.get(key);
        if (row === undefined) {
          throw new Error("the ledger returned no row for a key that it wrote");
        }
        return { entry: entryOf(row), wasCreated: row.was_created };
      });
    },
    findKnownKeys: async (keys) => {
      const rows = await database.query(findKnownKeys, [keys]);
      return new Set(rows.map((row) => row.idempotency_key));
    },
  };
}
