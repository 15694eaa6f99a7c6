import type { Statement } from "@ordersaga/outbox";

import type { LedgerStatus } from "../domain/ledger-entry.ts";

/** What all entries of one status and currency come to. */
export type LedgerTotalRow = {
  readonly status: LedgerStatus;
  /** Null for void entries, which have no amount. */
  readonly currency_code: string | null;
  readonly entries: bigint;
  readonly minor_units: bigint | null;
};

/** Sums up the keys that begin with a prefix. A sum beyond 64 bits is given as the largest number. */
export const sumLedger: Statement<LedgerTotalRow> = {
  name: "sum-ledger",
  text: `
    select status, currency_code, count(*) as entries,
           least(sum(minor_units), 9223372036854775807)::bigint as minor_units
      from ledger_entry
     where idempotency_key >= $1 and starts_with(idempotency_key, $1)
     group by status, currency_code
     order by status, currency_code`,
};
