import { AppError } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";

import { Product } from "../persistence/product.entity.ts";

/** Reads one product. Throws NOT_FOUND with the id in its metadata, also when another session has one. */
export async function productOf(
  database: Database,
  key: { readonly sessionId: string; readonly id: string },
): Promise<Product> {
  const { sessionId, id } = key;
  const product = await database.em().findOne(Product, { sessionId, id });
  if (product === null) {
    throw new AppError({
      code: "NOT_FOUND",
      message: `this session has no product ${id}`,
      reason: "UNKNOWN_PRODUCT",
      metadata: { product_id: id },
    });
  }
  return product;
}
