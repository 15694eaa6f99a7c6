import assert from "node:assert/strict";
import { test } from "node:test";

import { AppError } from "@ordersaga/kernel";

import { createWorld, orderOf } from "../testing/test-world.ts";

test("a full queue refuses what comes, and everything accepted goes on", async () => {
  await using world = await createWorld({
    CREATE_ORDER_QUEUE_LIMIT: "10",
    CREATE_ORDER_BATCH: "5",
    CREATE_ORDER_BATCHES_IN_FLIGHT: "1",
    CREATE_ORDER_RETRY_AFTER_MS: "70",
  });
  const held = Promise.withResolvers<void>();
  world.inventory.beforeAnswer = () => held.promise;
  const session = { sessionId: "flood" };
  const calls = Array.from({ length: 60 }, () => world.client.createOrder(orderOf(), session));
  const firstRefusal = await Promise.any(calls.map((call) => call.then(neverRefused, String)));
  assert.match(firstRefusal, /are waiting already/);
  held.resolve();
  const results = await Promise.allSettled(calls);
  const refusals = results.flatMap((result) => (result.status === "rejected" ? result.reason : []));
  for (const refusal of refusals) {
    assert.ok(refusal instanceof AppError);
    assert.equal(refusal.code, "RESOURCE_EXHAUSTED");
    assert.equal(refusal.details.reason, "QUEUE_FULL");
    assert.equal(refusal.details.retryAfterMs, 70);
  }
  const { orders } = await world.client.listOrders({}, session);
  assert.equal(orders.length, 60 - refusals.length);
  assert.ok(orders.length >= 10);
});

function neverRefused(): Promise<never> {
  return Promise.reject(new Error("this call was not refused"));
}
