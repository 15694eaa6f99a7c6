import {
  LedgerStatus,
  type PaymentProviderService,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { Database } from "@ordersaga/outbox";
import type { Handlers } from "@ordersaga/rpc";

import { sumLedger } from "../persistence/sum-ledger.ts";
import { storableText } from "./storable-text.ts";

/** `GetLedgerTotals`: one line for each status and currency that occurs. */
export function createGetLedgerTotals(
  database: Database,
): Handlers<typeof PaymentProviderService>["getLedgerTotals"] {
  return async ({ keyPrefix }) => {
    const rows = await database.query(sumLedger, [storableText(keyPrefix, "key_prefix")]);
    const totals = rows.map((row) => ({
      status: LedgerStatus[row.status],
      entries: row.entries,
      ...(row.currency_code === null || row.minor_units === null
        ? {}
        : { amount: { currencyCode: row.currency_code, minorUnits: row.minor_units } }),
    }));
    return { totals };
  };
}
