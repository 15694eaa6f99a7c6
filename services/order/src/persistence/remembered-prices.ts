import type { Database, UnitOfWork } from "@ordersaga/outbox";

import type { ProductFacts } from "../domain/price-order.ts";
import type { ProductPrice } from "../domain/newest-prices.ts";
import type { RememberedPrices, WantedProducts } from "../use-cases/create-order/find-markets.ts";
import { findPrices, rememberPrices } from "./price-list-statements.ts";

/** Looks up the remembered prices of the wanted products with one statement. */
export function rememberedPricesIn(
  database: Pick<Database, "query">,
): (wanted: WantedProducts) => Promise<RememberedPrices> {
  return async (wanted) => {
    const pairs = [...wanted].flatMap(([sessionId, products]) =>
      [...products.keys()].map((productId) => [sessionId, productId] as const),
    );
    const rows = await database.query(findPrices, [
      pairs.map(([sessionId]) => sessionId),
      pairs.map(([, productId]) => productId),
    ]);
    const prices = new Map<string, Map<string, ProductFacts>>();
    for (const row of rows) {
      const unitPrice = { currency: row.currency, minor: row.price_minor };
      const known = prices.get(row.session_id) ?? new Map<string, ProductFacts>();
      prices.set(row.session_id, known.set(row.product_id, { unitPrice, available: undefined }));
    }
    return prices;
  };
}

/** Remembers prices, each product once and sorted by key, in the caller's transaction. */
export async function writePrices(uow: UnitOfWork, prices: readonly ProductPrice[]): Promise<void> {
  await uow.query(rememberPrices, [
    prices.map(({ sessionId }) => sessionId),
    prices.map(({ productId }) => productId),
    prices.map(({ unitPrice }) => String(unitPrice.minor)),
    prices.map(({ unitPrice }) => unitPrice.currency),
    prices.map(({ version }) => String(version)),
  ]);
}
