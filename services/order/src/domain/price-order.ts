import type { Price, PricedLine, WantedLine } from "./order.ts";

/** What is known of the products at one moment. */
export type Market = {
  /** False when inventory is out of reach and only remembered prices are known. */
  readonly isLive: boolean;
  readonly find: (productId: string) => ProductFacts | undefined;
};

/** What is known of one product; without a number of pieces the reservation decides. */
export type ProductFacts = {
  readonly unitPrice: Price;
  readonly available: bigint | undefined;
};

/** One product of which there is not enough. */
export type Shortage = {
  readonly productId: string;
  readonly requested: number;
  readonly available: bigint;
};

/** Why an order cannot be accepted. Nothing is remembered of it. */
export type Refusal =
  | { readonly kind: "unknown-product"; readonly productIds: readonly string[] }
  | { readonly kind: "price-not-known"; readonly productIds: readonly string[] }
  | { readonly kind: "insufficient-stock"; readonly shortages: readonly Shortage[] }
  | {
      readonly kind: "price-changed";
      readonly productId: string;
      readonly expected: Price;
      readonly actual: Price;
    }
  | { readonly kind: "mixed-currencies"; readonly currencies: readonly string[] }
  | { readonly kind: "total-too-large" };

export type Pricing =
  | { readonly kind: "priced"; readonly lines: readonly PricedLine[]; readonly total: Price }
  | Refusal;

/** The largest amount that fits the contracts and the database (a signed 64-bit integer). */
export const largestMinor = 2n ** 63n - 1n;

/**
 * Decides whether an order can be accepted, and at which prices. Each order is compared with the stock
 * on its own: the reservation is what counts, this only spares hopeless orders the trouble.
 */
export function priceOrder(wanted: readonly WantedLine[], market: Market): Pricing {
  const lines: PricedLine[] = [];
  let total = 0n;
  for (const line of wanted) {
    const facts = market.find(line.productId);
    if (facts === undefined) {
      return missing(wanted, market);
    }
    const { unitPrice } = facts;
    lines.push({ productId: line.productId, quantity: line.quantity, unitPrice });
    total += unitPrice.minor * BigInt(line.quantity);
  }
  return (
    changed(wanted, lines) ??
    mixed(lines) ??
    short(wanted, market) ??
    (total > largestMinor
      ? { kind: "total-too-large" }
      : { kind: "priced", lines, total: { currency: currencyOf(lines), minor: total } })
  );
}

function missing(wanted: readonly WantedLine[], market: Market): Refusal {
  const productIds = wanted
    .map(({ productId }) => productId)
    .filter((productId) => market.find(productId) === undefined);
  return { kind: market.isLive ? "unknown-product" : "price-not-known", productIds };
}

function changed(wanted: readonly WantedLine[], lines: readonly PricedLine[]): Refusal | undefined {
  for (const [index, { productId, expectedUnitPrice: expected }] of wanted.entries()) {
    const actual = lines[index]?.unitPrice;
    if (expected === undefined || actual === undefined) {
      continue;
    }
    if (expected.minor !== actual.minor || expected.currency !== actual.currency) {
      return { kind: "price-changed", productId, expected, actual };
    }
  }
  return undefined;
}

function mixed(lines: readonly PricedLine[]): Refusal | undefined {
  const currency = currencyOf(lines);
  if (lines.every(({ unitPrice }) => unitPrice.currency === currency)) {
    return undefined;
  }
  const currencies = [...new Set(lines.map(({ unitPrice }) => unitPrice.currency))];
  return { kind: "mixed-currencies", currencies: currencies.toSorted() };
}

function short(wanted: readonly WantedLine[], market: Market): Refusal | undefined {
  const shortages: Shortage[] = [];
  for (const { productId, quantity } of wanted) {
    const available = market.find(productId)?.available;
    if (available !== undefined && available < quantity) {
      shortages.push({ productId, requested: quantity, available });
    }
  }
  return shortages.length === 0 ? undefined : { kind: "insufficient-stock", shortages };
}

function currencyOf(lines: readonly PricedLine[]): string {
  return lines[0]?.unitPrice.currency ?? "";
}
