import type { Price } from "./order.ts";

/** A product's price as inventory told it. */
export type ProductPrice = {
  readonly sessionId: string;
  readonly productId: string;
  readonly unitPrice: Price;
  /** Grows with every change of the product. */
  readonly version: bigint;
};

/** The newest price of every product, each once, sorted by session and product. */
export function newestPrices(prices: readonly ProductPrice[]): readonly ProductPrice[] {
  const newest = new Map<string, ProductPrice>();
  for (const price of prices) {
    const name = `${price.sessionId} ${price.productId}`;
    const known = newest.get(name);
    if (known === undefined || known.version < price.version) {
      newest.set(name, price);
    }
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, price]) => price);
}
