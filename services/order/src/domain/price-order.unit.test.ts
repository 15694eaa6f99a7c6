import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import type { WantedLine } from "./order.ts";
import { largestMinor, type Market, priceOrder, type ProductFacts } from "./price-order.ts";

const laptop = { unitPrice: { currency: "EUR", minor: 99_900n }, available: 3n };
const mouse = { unitPrice: { currency: "EUR", minor: 1_999n }, available: 10n };

test("the server's prices make the total", () => {
  const pricing = priceOrder([line("laptop", 2), line("mouse", 3)], market({ laptop, mouse }));
  assert.deepEqual(pricing, {
    kind: "priced",
    lines: [
      { productId: "laptop", quantity: 2, unitPrice: laptop.unitPrice },
      { productId: "mouse", quantity: 3, unitPrice: mouse.unitPrice },
    ],
    total: { currency: "EUR", minor: 205_797n },
  });
});

test("every unknown product is named", () => {
  const pricing = priceOrder([line("x", 1), line("laptop", 1), line("y", 1)], market({ laptop }));
  assert.deepEqual(pricing, { kind: "unknown-product", productIds: ["x", "y"] });
});

test("without inventory a product that is not remembered is not called unknown", () => {
  const remembered = { laptop: { ...laptop, available: undefined } };
  const pricing = priceOrder([line("laptop", 1), line("x", 1)], market(remembered, false));
  assert.deepEqual(pricing, { kind: "price-not-known", productIds: ["x"] });
});

test("without inventory a remembered price is enough, whatever the quantity", () => {
  const remembered = { laptop: { ...laptop, available: undefined } };
  const pricing = priceOrder([line("laptop", 1000)], market(remembered, false));
  assert.equal(pricing.kind, "priced");
});

test("every product that is short is named with what is there", () => {
  const pricing = priceOrder([line("laptop", 4), line("mouse", 11)], market({ laptop, mouse }));
  assert.deepEqual(pricing, {
    kind: "insufficient-stock",
    shortages: [
      { productId: "laptop", requested: 4, available: 3n },
      { productId: "mouse", requested: 11, available: 10n },
    ],
  });
});

test("the last piece can be ordered", () => {
  assert.equal(priceOrder([line("laptop", 3)], market({ laptop })).kind, "priced");
});

test("a price that is not the expected one is refused, and so is another currency", () => {
  for (const expected of [
    { currency: "EUR", minor: 99_899n },
    { currency: "USD", minor: 99_900n },
  ]) {
    const wanted = [line("mouse", 1, mouse.unitPrice), line("laptop", 1, expected)];
    assert.deepEqual(priceOrder(wanted, market({ laptop, mouse })), {
      kind: "price-changed",
      productId: "laptop",
      expected,
      actual: laptop.unitPrice,
    });
  }
  const asSeen = [line("laptop", 1, { currency: "EUR", minor: 99_900n })];
  assert.equal(priceOrder(asSeen, market({ laptop })).kind, "priced");
});

test("products of two currencies cannot be one order", () => {
  const imported = { unitPrice: { currency: "CHF", minor: 100n }, available: 1n };
  const pricing = priceOrder([line("laptop", 1), line("i", 1)], market({ laptop, i: imported }));
  assert.deepEqual(pricing, { kind: "mixed-currencies", currencies: ["CHF", "EUR"] });
});

test("a total that fits no amount is refused, one that just fits is not", () => {
  const dear = { unitPrice: { currency: "EUR", minor: largestMinor }, available: 10n };
  assert.equal(priceOrder([line("dear", 1)], market({ dear })).kind, "priced");
  assert.deepEqual(priceOrder([line("dear", 2)], market({ dear })), { kind: "total-too-large" });
});

test("an order is priced exactly when its products are known and there, and its total is the sum", () => {
  const facts = fc.record({
    unitPrice: fc.record({ currency: fc.constant("EUR"), minor: fc.bigInt(0n, 10n ** 15n) }),
    available: fc.bigInt(0n, 1000n),
  });
  const products = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), facts, {
    noNullPrototype: true,
  });
  const wanted = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      quantity: fc.integer({ min: 1, max: 1000 }),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  );
  fc.assert(
    fc.property(products, wanted, (known, ask) => {
      const pricing = priceOrder(
        ask.map(({ id, quantity }) => line(id, quantity)),
        market(known),
      );
      const isPossible = ask.every(({ id, quantity }) => (known[id]?.available ?? -1n) >= quantity);
      assert.equal(pricing.kind === "priced", isPossible);
      if (pricing.kind === "priced") {
        const sum = ask.reduce(
          (total, { id, quantity }) =>
            total + (known[id]?.unitPrice.minor ?? 0n) * BigInt(quantity),
          0n,
        );
        assert.equal(pricing.total.minor, sum);
        assert.deepEqual(
          pricing.lines.map(({ productId }) => productId),
          ask.map(({ id }) => id),
        );
      }
    }),
  );
});

function line(
  productId: string,
  quantity: number,
  expectedUnitPrice?: WantedLine["expectedUnitPrice"],
): WantedLine {
  return { productId, quantity, expectedUnitPrice };
}

function market(products: Readonly<Record<string, ProductFacts>>, isLive = true): Market {
  const known = new Map(Object.entries(products));
  return { isLive, find: (productId) => known.get(productId) };
}
