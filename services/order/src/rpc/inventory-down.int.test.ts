import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, after, before, test } from "node:test";

import { AppError } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import { createWorld, orderOf, refusalOf, sayingOf, type World } from "../testing/test-world.ts";

const pauseMs = 300;
let world: World;

before(async () => {
  world = await createWorld({
    CHECK_STOCK_WITHIN_MS: "250",
    CHECK_STOCK_ATTEMPTS: "2",
    INVENTORY_PAUSE_MS: String(pauseMs),
  });
  await remember({ sessionId: "known", productId: "mouse", minor: 1_500n, version: 2n });
});
after(() => world?.[Symbol.asyncDispose]());

afterEach(async () => {
  world.inventory.beforeAnswer = async () => undefined;
  // The next test begins with a circuit that lets calls through.
  await sleep(pauseMs + 20);
  await world.client.createOrder(orderOf(), { sessionId: "closing-the-circuit" });
});

test("a remembered price is enough to accept while inventory is down", async () => {
  world.inventory.beforeAnswer = unavailable;
  const { order } = await world.client.createOrder(orderOf(), { sessionId: "known" });
  assert.equal(order?.total?.minorUnits, 3_000n);
});

test("without a remembered price the product is named, and the caller may come again", async () => {
  world.inventory.beforeAnswer = unavailable;
  const lines = ["mouse", "laptop"].map((productId) => ({ productId, quantity: 1 }));
  const call = world.client.createOrder(orderOf({ lines }), { sessionId: "known" });
  const { code, details } = await refusalOf(call);
  assert.equal(code, "UNAVAILABLE");
  assert.equal(details.reason, "PRICE_NOT_KNOWN");
  assert.equal(details.metadata?.["product_id"], "laptop");
  assert.ok((details.retryAfterMs ?? 0) > 0);
});

test("prices are remembered for their session only", async () => {
  world.inventory.beforeAnswer = unavailable;
  const call = world.client.createOrder(orderOf(), { sessionId: "stranger" });
  assert.equal(await sayingOf(call), "UNAVAILABLE PRICE_NOT_KNOWN");
});

test("an expected price is held against the remembered one", async () => {
  world.inventory.beforeAnswer = unavailable;
  const expectedUnitPrice = { currencyCode: "EUR", minorUnits: 1_999n };
  const request = { ...orderOf(), lines: [{ productId: "mouse", quantity: 1, expectedUnitPrice }] };
  const call = world.client.createOrder(request, { sessionId: "known" });
  assert.equal(await sayingOf(call), "FAILED_PRECONDITION PRICE_CHANGED");
});

test("an older version of a price that comes late changes nothing", async () => {
  const product = { sessionId: "late", productId: "mouse" };
  await remember({ ...product, minor: 300n, version: 3n });
  await world.participants.changePrice({ ...product, minor: 200n, version: 2n });
  await remember({ ...product, productId: "laptop", minor: 1n, version: 1n });
  world.inventory.beforeAnswer = unavailable;
  const { order } = await world.client.createOrder(orderOf(), { sessionId: "late" });
  assert.equal(order?.total?.minorUnits, 600n);
});

test("a silent inventory costs one batch its patience; the others do not wait", async () => {
  world.inventory.beforeAnswer = () => sleep(2_000, undefined, { ref: false });
  await world.client.createOrder(orderOf(), { sessionId: "known" });
  const checks = world.inventory.checks.length;
  const again = performance.now();
  for (let index = 0; index < 20; index++) {
    await world.client.createOrder(orderOf(), { sessionId: "known" });
  }
  // At most one order in each pause asks: on a machine that is not busy none does.
  const pauses = Math.floor((performance.now() - again) / pauseMs);
  assert.ok(world.inventory.checks.length - checks <= pauses);
});

test("once inventory is back its prices count again", async () => {
  world.inventory.beforeAnswer = unavailable;
  await world.client.createOrder(orderOf(), { sessionId: "known" });
  world.inventory.beforeAnswer = async () => undefined;
  await waitFor(
    async () => {
      const { order } = await world.client.createOrder(orderOf(), { sessionId: "known" });
      return order?.total?.minorUnits === 3_998n;
    },
    { withinMs: 5_000, describe: "inventory to be asked again" },
  );
});

async function unavailable(): Promise<never> {
  throw new AppError({ code: "UNAVAILABLE", message: "inventory is down" });
}

async function remember(product: Parameters<World["participants"]["changePrice"]>[0]) {
  await world.participants.changePrice(product);
  await waitFor(
    async () => {
      const rows = await world.tables.query(
        `SELECT 1 FROM price_list WHERE session_id = $1 AND product_id = $2 AND version = $3`,
        [product.sessionId, product.productId, String(product.version)],
      );
      return rows.length === 1;
    },
    { withinMs: 10_000, describe: "the price to be remembered" },
  );
}
