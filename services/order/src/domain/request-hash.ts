import { hash } from "node:crypto";

import type { CreateOrderRequest } from "@ordersaga/gen/order/v1/order_service";

/**
 * What two requests with the same key must have in common: SHA-256 over everything but `request_id`, in
 * base64url. The encoding is our own, not protobuf's, which promises no canonical form. Its version is
 * part of it: a change of the encoding must not make old keys look reused, so it needs a new version and
 * a comparison with both.
 */
export function requestHashOf(request: Omit<CreateOrderRequest, "$typeName">): string {
  return hash("sha256", canonicalTextOf(request), "base64url");
}

function canonicalTextOf(request: Omit<CreateOrderRequest, "$typeName">): string {
  return JSON.stringify([
    1,
    request.userId,
    request.lines.map(({ productId, quantity, expectedUnitPrice: price }) =>
      price === undefined
        ? [productId, quantity]
        : [productId, quantity, price.currencyCode, String(price.minorUnits)],
    ),
    request.paymentMethod?.token ?? "",
    request.coordination,
  ]);
}
