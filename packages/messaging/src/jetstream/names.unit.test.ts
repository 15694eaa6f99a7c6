import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { namesWith } from "./names.ts";

describe("names at the broker", () => {
  it("have the prefix in front, and lose it again", () => {
    const names = namesWith("t1");
    assert.equal(names.stream("ORDER"), "t1_ORDER");
    assert.equal(names.durable("inventory-order-created"), "t1_inventory-order-created");
    assert.equal(names.subject("order.>"), "t1.order.>");
    assert.equal(names.withoutPrefix("t1.order.event"), "order.event");
    assert.equal(names.withoutPrefix("t1_ORDER"), "ORDER");
  });

  it("are as they are without a prefix", () => {
    const names = namesWith(undefined);
    assert.equal(names.stream("ORDER"), "ORDER");
    assert.equal(names.withoutPrefix("order.event"), "order.event");
  });

  it("refuse a prefix that cannot stand in a subject or a stream's name", () => {
    for (const prefix of ["a.b", "A", "a_b", "ü"]) {
      assert.throws(() => namesWith(prefix), /prefix/);
    }
  });
});
