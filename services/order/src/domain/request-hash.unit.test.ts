import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import {
  type CreateOrderRequest,
  CreateOrderRequestSchema,
} from "@ordersaga/gen/order/v1/order_service";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import * as fc from "fast-check";

import { requestHashOf } from "./request-hash.ts";

const price = { currencyCode: "EUR", minorUnits: 1999n };
const plain = {
  userId: "ada",
  lines: [{ productId: "mouse", quantity: 1, expectedUnitPrice: price }],
  paymentMethod: { token: "tok_ok" },
};

test("requests that differ in their request id only have the same hash", () => {
  assert.equal(hashOf({ ...plain, requestId: "a" }), hashOf({ ...plain, requestId: "b" }));
});

test("a difference in any other field makes another hash", () => {
  const [line] = plain.lines;
  const others = [
    { ...plain, userId: "bob" },
    { ...plain, lines: [{ ...line, productId: "laptop" }] },
    { ...plain, lines: [{ ...line, quantity: 2 }] },
    { ...plain, lines: [{ productId: "mouse", quantity: 1 }] },
    { ...plain, lines: [{ ...line, expectedUnitPrice: { ...price, minorUnits: 2000n } }] },
    { ...plain, lines: [{ ...line, expectedUnitPrice: { ...price, currencyCode: "USD" } }] },
    { ...plain, lines: [...plain.lines, ...plain.lines] },
    { ...plain, paymentMethod: { token: "tok_slow" } },
    { ...plain, coordination: Coordination.ORCHESTRATION },
  ];
  const hashes = [plain, ...others].map(hashOf);
  assert.equal(new Set(hashes).size, hashes.length);
});

test("the hash of a request never changes between versions of this program", () => {
  assert.equal(hashOf(plain), "k2KY44Z-1mYyEkn5ZeAbmxgIbJ7T36PjRuf6TcnaWjk");
});

test("texts that run into each other when joined still make different hashes", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), fc.nat(3), (ids, at) => {
      const joined = ids.map((productId) => ({ productId, quantity: 1 }));
      const index = at % ids.length;
      const changed = joined.with(index, { productId: `${ids[index]}","`, quantity: 1 });
      assert.notEqual(hashOf({ ...plain, lines: joined }), hashOf({ ...plain, lines: changed }));
    }),
  );
});

function hashOf(init: Parameters<typeof create<typeof CreateOrderRequestSchema>>[1]): string {
  const request: CreateOrderRequest = create(CreateOrderRequestSchema, init);
  return requestHashOf(request);
}
