import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus } from "@ordersaga/gen/order/v1/saga";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { createWorld, orderOf, type World } from "../testing/test-world.ts";

let world: World;

before(async () => {
  world = await createWorld({ ORDER_TIME_LIMIT_MS: "300", RECOVERY_FIRST_MS: "200" });
});
after(() => world?.[Symbol.asyncDispose]());

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  test(`an order that is stuck past its time limit is cancelled and undone: ${mode}`, async () => {
    const session = { sessionId: "stuck" };
    const request = { ...orderOf({ token: "tok_silent" }), coordination: Coordination[mode] };
    const { order } = await world.client.createOrder(request, session);
    const watching = { ...session, timeoutMs: 15_000 };
    const changes = await Array.fromAsync(
      world.client.watchOrder({ orderId: order?.id ?? "" }, watching),
    );
    const last = changes.at(-1);
    assert.equal(last?.order?.status, OrderStatus.CANCELLED);
    assert.equal(last.order.reason, "TIME_LIMIT");
    assert.equal(last.sagaStatus, SagaStatus.COMPENSATED);
  });
}
