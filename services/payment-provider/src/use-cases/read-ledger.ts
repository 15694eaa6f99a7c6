import type { Database } from "@ordersaga/outbox";

import type { LedgerEntry, LedgerStatus } from "../domain/ledger-entry.ts";
import { LedgerEntryRow } from "../persistence/ledger-entry.entity.ts";

export type LedgerQuery = {
  readonly keyPrefix: string;
  /** Undefined for all. */
  readonly status: LedgerStatus | undefined;
  /** Only keys behind this one; empty for the first page. */
  readonly after: string;
  readonly limit: number;
};

/** Reads entries in the order of their keys, as they are stored: a due charge is settled when asked for. */
export async function readLedger(
  database: Database,
  query: LedgerQuery,
): Promise<readonly LedgerEntry[]> {
  const { keyPrefix, status, after, limit } = query;
  const rows = await database.em().find(
    LedgerEntryRow,
    {
      idempotencyKey: { $gt: after, $gte: keyPrefix, $lte: lastKeyOf(keyPrefix) },
      ...(status === undefined ? {} : { status }),
    },
    { orderBy: { idempotencyKey: "asc" }, limit, disableIdentityMap: true },
  );
  return rows.map((row) => ({
    key: row.idempotencyKey,
    status: row.status,
    amount: amountOf(row),
    declineCode: row.declineCode,
    chargeRequests: row.chargeRequests,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }));
}

/** Keys are ordered by their bytes and have 255 characters at most, so a prefix is a range. */
function lastKeyOf(prefix: string): string {
  return prefix + "\u{10ffff}".repeat(255);
}

function amountOf({ currencyCode, minorUnits }: LedgerEntryRow): LedgerEntry["amount"] {
  return typeof currencyCode === "string" && typeof minorUnits === "bigint"
    ? { currencyCode, minorUnits }
    : undefined;
}
