import { failpoint } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";

import { readStock, type StockLevelRow } from "../persistence/product-statements.ts";

/**
 * Reads free stock and price of many products in one statement, however often each is asked for. Products
 * that do not exist are left out. It holds nothing: what is said may be over when it is heard.
 */
export async function checkStock(
  database: Database,
  sessionId: string,
  productIds: Iterable<string>,
): Promise<ReadonlyMap<string, StockLevelRow>> {
  failpoint("inventory.before-check");
  const rows = await readStock(database, sessionId, [...new Set(productIds)]);
  return new Map(rows.map((row) => [row.id, row]));
}
