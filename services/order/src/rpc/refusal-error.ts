import { AppError } from "@ordersaga/kernel";
import type { DecidedAs } from "@ordersaga/saga";

import type { Price } from "../domain/order.ts";
import type { Refusal } from "../domain/price-order.ts";

/** What a caller is told when an order cannot be accepted. */
export function refusalError(refusal: Refusal): AppError {
  switch (refusal.kind) {
    case "unknown-product":
      return new AppError({
        code: "NOT_FOUND",
        message: `unknown product: ${firstOf(refusal.productIds).join(", ")}`,
        reason: "UNKNOWN_PRODUCT",
        metadata: { product_id: firstOf(refusal.productIds).join(",") },
      });
    case "price-not-known":
      return new AppError({
        code: "UNAVAILABLE",
        message: `inventory is out of reach and no price is known of ${firstOf(refusal.productIds).join(", ")}`,
        reason: "PRICE_NOT_KNOWN",
        metadata: { product_id: firstOf(refusal.productIds).join(",") },
        retryAfterMs: 1000,
      });
    case "insufficient-stock":
      return insufficientStock(refusal);
    case "price-changed":
      return new AppError({
        code: "FAILED_PRECONDITION",
        message: `${refusal.productId} costs ${shown(refusal.actual)}, not ${shown(refusal.expected)}`,
        reason: "PRICE_CHANGED",
        metadata: {
          product_id: refusal.productId,
          expected_unit_price: shown(refusal.expected),
          unit_price: shown(refusal.actual),
        },
      });
    case "mixed-currencies":
      return new AppError({
        code: "FAILED_PRECONDITION",
        message: `one order cannot be paid in ${refusal.currencies.join(" and ")}`,
        reason: "MIXED_CURRENCIES",
        metadata: { currencies: refusal.currencies.join(",") },
      });
    default:
      return new AppError({
        code: "FAILED_PRECONDITION",
        message: "the total is larger than any amount can be",
        reason: "TOTAL_TOO_LARGE",
      });
  }
}

/** What a caller is told who wants to decide an order that is decided. */
export function alreadyDecided(decision: DecidedAs): AppError {
  return new AppError({
    code: "FAILED_PRECONDITION",
    message: `the order is ${decision}: that is decided and does not change any more`,
    reason: "ALREADY_DECIDED",
    metadata: { status: decision },
  });
}

/** Metadata: the products that are short, then for each what was requested and what is there. */
function insufficientStock(
  refusal: Extract<Refusal, { readonly kind: "insufficient-stock" }>,
): AppError {
  const shortages = firstOf(refusal.shortages);
  const sentences = shortages.map(
    ({ productId, requested, available }) => `${productId} (${available} of ${requested})`,
  );
  const metadata = { product_id: shortages.map(({ productId }) => productId).join(",") };
  return new AppError({
    code: "FAILED_PRECONDITION",
    message: `not enough in stock: ${sentences.join(", ")}`,
    reason: "INSUFFICIENT_STOCK",
    metadata: Object.assign(
      metadata,
      ...shortages.map(({ productId, requested, available }) => ({
        [`${productId}.requested`]: String(requested),
        [`${productId}.available`]: String(available),
      })),
    ) as Record<string, string>,
  });
}

/** Details travel in headers, which peers limit: the first few say enough. */
function firstOf<T>(items: readonly T[]): readonly T[] {
  return items.slice(0, 10);
}

function shown({ currency, minor }: Price): string {
  return `${minor} ${currency}`;
}
