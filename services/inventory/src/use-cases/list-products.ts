import type { Database } from "@ordersaga/outbox";

import { Product } from "../persistence/product.entity.ts";

/** Where a page of products begins: behind this product. */
export type AfterProduct = { readonly sessionId: string; readonly id: string };

/** Reads one page of products by session and id; without a session, those of all sessions. */
export async function listProducts(
  database: Database,
  page: {
    readonly sessionId: string | undefined;
    readonly after: AfterProduct | undefined;
    readonly limit: number;
  },
): Promise<readonly Product[]> {
  return await database.em().find(Product, conditionOf(page), {
    orderBy: { sessionId: "asc", id: "asc" },
    limit: page.limit,
  });
}

function conditionOf(page: {
  readonly sessionId: string | undefined;
  readonly after: AfterProduct | undefined;
}) {
  const { sessionId, after } = page;
  if (sessionId !== undefined) {
    return after === undefined ? { sessionId } : { sessionId, id: { $gt: after.id } };
  }
  return after === undefined
    ? {}
    : {
        $or: [
          { sessionId: { $gt: after.sessionId } },
          { sessionId: after.sessionId, id: { $gt: after.id } },
        ],
      };
}
