import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus, StepStatus } from "@ordersaga/gen/order/v1/saga";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { uuidv7 } from "@ordersaga/kernel";

import {
  byOrder,
  createWorld,
  endOf,
  operatorToken,
  place,
  sayingOf,
  type World,
} from "../testing/test-world.ts";

let world: World;
let sessions = 0;
const newSession = () => ({ sessionId: `repair-${++sessions}` });
const headers = { authorization: `Bearer ${operatorToken}` };

before(async () => {
  world = await createWorld({ ORDER_TIME_LIMIT_MS: "60000" });
});
after(() => world?.[Symbol.asyncDispose]());

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  const coordination = Coordination[mode];

  test(`a saga is said again at an operator's word, as often as they like: ${mode}`, async () => {
    const session = newSession();
    const id = await place(world.client, session, { coordination, token: "tok_silent" });
    const wanted = { sagaId: id.replaceAll("-", "") };
    for (const count of [1, 2]) {
      const { saga } = await world.client.retrySaga(wanted, { ...session, headers });
      assert.equal(saga?.orderId, id);
      assert.ok(saga.recoveries >= count);
    }
    const { saga } = await world.client.retrySaga(wanted, { sessionId: "*", headers });
    assert.ok((saga?.recoveries ?? 0) >= 3);
    assert.deepEqual(
      await auditsOf(id),
      Array.from({ length: 3 }, () => ["operator", "retry-saga", session.sessionId, ""]),
    );
  });

  for (const as of ["CANCELLED", "FAILED"] as const) {
    test(`an administrator makes an undecided order ${as}, and it is undone: ${mode}`, async () => {
      const session = newSession();
      const id = await place(world.client, session, { coordination, token: "tok_silent" });
      const override = { orderId: id, status: OrderStatus[as], reason: "  The customer called. " };
      const { order } = await world.client.updateOrderStatus(override, { ...session, headers });
      assert.deepEqual([order?.status, order?.reason], [OrderStatus[as], "ADMINISTRATOR"]);
      const saga = await endOf(world.client, session, id);
      assert.equal(saga.status, SagaStatus.COMPENSATED);
      const decided = saga.history.find(({ status }) => status === StepStatus.ABORTED);
      assert.equal(decided?.message, "ADMINISTRATOR: The customer called.");
      const action = as === "CANCELLED" ? "cancel-order" : "fail-order";
      const expected = [["operator", action, session.sessionId, "The customer called."]];
      assert.deepEqual(await auditsOf(id), expected);
      const again = world.client.updateOrderStatus(override, { ...session, headers });
      assert.equal(await sayingOf(again), "FAILED_PRECONDITION ALREADY_DECIDED");
      const retry = world.client.retrySaga({ sagaId: id }, { ...session, headers });
      assert.equal(await sayingOf(retry), "FAILED_PRECONDITION SAGA_ENDED");
      assert.deepEqual(await auditsOf(id), expected);
    });
  }
}

test("of an administrator and the saga's success one decides, and the order keeps it", async () => {
  const session = newSession();
  const ids = await Promise.all(Array.from({ length: 20 }, () => place(world.client, session)));
  const status = OrderStatus.CANCELLED;
  const overridden = await Promise.all(
    ids.map((orderId) =>
      world.client
        .updateOrderStatus({ orderId, status, reason: "because" }, { ...session, headers })
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  for (const [index, id] of ids.entries()) {
    const { status: end } = await endOf(world.client, session, id);
    assert.equal(end === SagaStatus.COMPENSATED, overridden[index]);
    assert.equal(end === SagaStatus.COMPLETED, !overridden[index]);
    assert.equal((await auditsOf(id)).length, overridden[index] ? 1 : 0);
  }
});

test("a confirmed order is not overridden", async () => {
  const session = newSession();
  const orderId = await place(world.client, session);
  await endOf(world.client, session, orderId);
  const override = { orderId, status: OrderStatus.FAILED, reason: "because" };
  const call = world.client.updateOrderStatus(override, { sessionId: "*", headers });
  assert.equal(await sayingOf(call), "FAILED_PRECONDITION ALREADY_DECIDED");
  const { order } = await world.client.getOrder({ orderId }, session);
  assert.equal(order?.status, OrderStatus.CONFIRMED);
});

test("what does not exist, or not in this session, is NOT_FOUND; a reason is a sentence", async () => {
  const session = newSession();
  const stranger = { ...newSession(), headers };
  const id = await place(world.client, session, { token: "tok_silent" });
  const { client } = world;
  const override = { orderId: id, status: OrderStatus.FAILED, reason: "because" };
  const calls: readonly (readonly [Promise<unknown>, string])[] = [
    [client.retrySaga({ sagaId: id }, stranger), "NOT_FOUND UNKNOWN_SAGA"],
    [client.retrySaga({ sagaId: uuidv7() }, stranger), "NOT_FOUND UNKNOWN_SAGA"],
    [client.updateOrderStatus(override, stranger), "NOT_FOUND UNKNOWN_ORDER"],
    [
      client.updateOrderStatus({ ...override, reason: " \t" }, { ...session, headers }),
      "INVALID_ARGUMENT reason",
    ],
  ];
  assert.deepEqual(
    await Promise.all(calls.map(([call]) => sayingOf(call))),
    calls.map(([, saying]) => saying),
  );
  assert.deepEqual(await auditsOf(id), []);
  const { saga } = await client.getSaga(byOrder(id), session);
  assert.equal(saga?.endTime, undefined);
});

async function auditsOf(target: string) {
  const rows = await world.tables.query<{
    actor: string;
    action: string;
    session_id: string;
    reason: string;
  }>("select * from audit where target = $1 order by id", [target]);
  return rows.map(({ actor, action, session_id, reason }) => [actor, action, session_id, reason]);
}
