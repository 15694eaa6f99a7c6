import assert from "node:assert/strict";
import { test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import * as fc from "fast-check";

import { repeatedProduct, tooLarge } from "./check-lines.ts";

test("a product that comes again is reported where it comes again", () => {
  const lines = ["a", "b", "a", "b"].map((productId) => ({ productId }));
  assert.equal(repeatedProduct(lines)?.field, "lines[2].product_id");
  assert.equal(repeatedProduct(lines.slice(0, 2)), undefined);
  assert.equal(repeatedProduct([]), undefined);
});

test("a repeated product is reported exactly when there is one", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d", "e")), (ids) => {
      const violation = repeatedProduct(ids.map((productId) => ({ productId })));
      assert.equal(violation !== undefined, new Set(ids).size < ids.length);
    }),
  );
});

test("the largest order that the contract allows fits an envelope by far", () => {
  assert.equal(tooLarge(request(100, 64), 65_536), undefined);
});

test("an order is too large as soon as its bound passes the limit", () => {
  const violation = tooLarge(request(100, 64), 8_192);
  assert.equal(violation?.field, "lines");
  assert.equal(tooLarge(request(1, 10), 8_192), undefined);
});

test("the bound is never below what the event really takes, twice", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 64 }));
  fc.assert(
    fc.property(sizes, ([lines, idLength]) => {
      const asked = request(lines, idLength);
      const unitPrice = { currencyCode: "EUR", minorUnits: 2n ** 62n };
      const event = create(OrderCreatedSchema, {
        orderId: "x".repeat(36),
        userId: asked.userId,
        lines: asked.lines.map((line) => ({ ...line, quantity: 1000, unitPrice })),
        total: unitPrice,
        paymentToken: asked.paymentMethod.token,
      });
      const bytes = toBinary(OrderCreatedSchema, event).length * 2;
      assert.notEqual(tooLarge(asked, bytes - 1), undefined);
    }),
  );
});

function request(lines: number, idLength: number) {
  return {
    userId: "u".repeat(128),
    lines: Array.from({ length: lines }, () => ({ productId: "p".repeat(idLength) })),
    paymentMethod: { token: "t".repeat(128) },
  };
}
