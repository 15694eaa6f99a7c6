import { AppError } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";

import { addStock, maxAvailable, type ProductRow } from "../persistence/product-statements.ts";
import { productOf } from "./get-product.ts";

/**
 * Adds to a product's free stock, or takes from it; what is reserved is not touched. Throws NOT_FOUND,
 * and FAILED_PRECONDITION with reason `INSUFFICIENT_STOCK` (or `STOCK_LIMIT`, when there would be too
 * much to count).
 */
export async function adjustStock(
  database: Database,
  change: { readonly sessionId: string; readonly id: string; readonly delta: bigint },
): Promise<ProductRow> {
  const adjusted = await addStock(database, change);
  if (adjusted !== undefined) {
    return adjusted;
  }
  const { available } = await productOf(database, change);
  throw change.delta < 0n
    ? new AppError({
        code: "FAILED_PRECONDITION",
        message: `only ${available} pieces of ${change.id} are free`,
        reason: "INSUFFICIENT_STOCK",
        metadata: {
          product_id: change.id,
          available: String(available),
          requested: String(-change.delta),
        },
      })
    : new AppError({
        code: "FAILED_PRECONDITION",
        message: `no more than ${maxAvailable} pieces of a product can be free`,
        reason: "STOCK_LIMIT",
        metadata: { product_id: change.id, available: String(available) },
      });
}
