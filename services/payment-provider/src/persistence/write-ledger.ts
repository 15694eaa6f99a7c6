import type { Statement } from "@ordersaga/outbox";

import type { LedgerEntry, LedgerStatus } from "../domain/ledger-entry.ts";
import type { LedgerOperation } from "../domain/ledger-operation.ts";

/** A row of the ledger as a statement returns it. */
export type LedgerRow = {
  readonly idempotency_key: string;
  readonly status: LedgerStatus;
  readonly currency_code: string | null;
  readonly minor_units: bigint | null;
  readonly decline_code: string;
  readonly charge_requests: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** This very statement wrote the key for the first time. */
  readonly was_created: boolean;
};

/**
 * The whole provider in one statement: a set of charges and cancels, one for each key, each inserted if
 * its key is new and otherwise applied to the row, which it locks. Concurrent statements lock rows in the
 * order of their keys. A cancel is told from a charge by the status it would be inserted with: VOID.
 */
export const writeLedger: Statement<LedgerRow> = {
  name: "write-ledger",
  text: `
    insert into ledger_entry as entry
      (idempotency_key, status, currency_code, minor_units, decline_code, due_at,
       charge_requests, created_at, updated_at)
    select key, status, currency_code, minor_units, decline_code, due_at,
           case status when 'VOID' then 0 else 1 end, $7::timestamptz, $7::timestamptz
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
        as operation (key, status, currency_code, minor_units, decline_code, due_at)
     order by key collate "C"
    on conflict (idempotency_key) do update set
      status = case
        when entry.due_at <= excluded.updated_at
          then case excluded.status when 'VOID' then 'REFUNDED' else 'CHARGED' end
        when excluded.status = 'VOID' and entry.status = 'CHARGED' then 'REFUNDED'
        when excluded.status = 'VOID' and entry.status = 'PENDING' then 'VOID'
        else entry.status
      end,
      currency_code = case
        when excluded.status = 'VOID' and entry.due_at > excluded.updated_at then null
        else entry.currency_code
      end,
      minor_units = case
        when excluded.status = 'VOID' and entry.due_at > excluded.updated_at then null
        else entry.minor_units
      end,
      due_at = case
        when excluded.status <> 'VOID' and entry.due_at > excluded.updated_at
          then entry.due_at
      end,
      charge_requests = entry.charge_requests + excluded.charge_requests,
      updated_at = case
        when excluded.status <> 'VOID' or entry.status in ('CHARGED', 'PENDING')
          then excluded.updated_at
        else entry.updated_at
      end
    returning idempotency_key, status, currency_code, minor_units, decline_code, charge_requests,
      created_at, updated_at, xmax = 0 as was_created`,
};

/** Those of the keys that the ledger knows. */
export const findKnownKeys: Statement<{ readonly idempotency_key: string }> = {
  name: "find-known-keys",
  text: "select idempotency_key from ledger_entry where idempotency_key = any($1::text[])",
};

/** The parameters of {@link writeLedger}. No two operations may have the same key. */
export function ledgerValues(operations: readonly LedgerOperation[], now: Date): unknown[] {
  const charges = operations.map((operation) =>
    operation.kind === "charge" ? operation : undefined,
  );
  return [
    operations.map(({ key }) => key),
    charges.map((charge) => charge?.verdict.status ?? "VOID"),
    charges.map((charge) => charge?.amount.currencyCode ?? null),
    charges.map((charge) => charge?.amount.minorUnits ?? null),
    charges.map((charge) =>
      charge?.verdict.status === "DECLINED" ? charge.verdict.declineCode : "",
    ),
    charges.map((charge) => (charge?.verdict.status === "PENDING" ? charge.dueAt : null)),
    now,
  ];
}

export function entryOf(row: LedgerRow): LedgerEntry {
  return {
    key: row.idempotency_key,
    status: row.status,
    amount:
      row.currency_code === null || row.minor_units === null
        ? undefined
        : { currencyCode: row.currency_code, minorUnits: row.minor_units },
    declineCode: row.decline_code,
    chargeRequests: row.charge_requests,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
