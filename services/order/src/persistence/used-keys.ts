import type { Database } from "@ordersaga/outbox";

import { keyNameOf } from "../domain/join-calls.ts";
import type { CreateOrderCall } from "../use-cases/create-order/call.ts";
import type { UsedKey } from "../use-cases/create-order/create-orders.ts";
import { findUsedKeys } from "./idempotency-statements.ts";
import { orderOf } from "./order-statements.ts";

/** Looks up the keys of a batch with one statement, outside any transaction. */
export function usedKeysIn(
  database: Pick<Database, "query">,
): (calls: readonly CreateOrderCall[]) => Promise<ReadonlyMap<string, UsedKey>> {
  return async (calls) => {
    const rows = await database.query(findUsedKeys, [
      calls.map(({ sessionId }) => sessionId),
      calls.map(({ key }) => key ?? ""),
    ]);
    return new Map(
      rows.map((row) => [
        keyNameOf(row.session_id, row.key),
        { requestHash: row.request_hash, order: orderOf(row) },
      ]),
    );
  };
}
