import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { newestPrices, type ProductPrice } from "./newest-prices.ts";

test("each product comes once with its highest version, sorted, whatever the order of arrival", () => {
  const anyPrice = fc.record({
    sessionId: fc.constantFrom("s", "t"),
    productId: fc.constantFrom("a", "b", "c"),
    version: fc.bigInt(1n, 5n),
  });
  fc.assert(
    fc.property(fc.array(anyPrice), (prices) => {
      const newest = newestPrices(prices.map(priced));
      const names = newest.map(({ sessionId, productId }) => `${sessionId} ${productId}`);
      assert.deepEqual(names, [...new Set(names)].toSorted());
      for (const { sessionId, productId, version } of newest) {
        const versions = prices
          .filter((price) => price.sessionId === sessionId && price.productId === productId)
          .map((price) => price.version);
        assert.equal(
          version,
          versions.reduce((a, b) => (a > b ? a : b)),
        );
      }
      const known = new Set(prices.map(({ sessionId, productId }) => `${sessionId} ${productId}`));
      assert.equal(newest.length, known.size);
    }),
  );
});

function priced(price: Omit<ProductPrice, "unitPrice">): ProductPrice {
  return { ...price, unitPrice: { currency: "EUR", minor: price.version * 100n } };
}
