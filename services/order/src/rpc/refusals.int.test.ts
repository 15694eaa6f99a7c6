import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus } from "@ordersaga/gen/order/v1/saga";

import {
  byOrder,
  createWorld,
  operatorToken,
  orderOf,
  place,
  sayingOf,
  type World,
} from "../testing/test-world.ts";

let world: World;
let sessions = 0;
const newSession = () => ({ sessionId: `refusals-${++sessions}` });
const asOperator = { headers: { authorization: `Bearer ${operatorToken}` } };

before(async () => {
  world = await createWorld({ ORDER_TIME_LIMIT_MS: "60000" });
});
after(() => world?.[Symbol.asyncDispose]());

test("another session's order is NOT_FOUND on every RPC, and stays as it is", async () => {
  const owner = newSession();
  const stranger = newSession();
  const id = await place(world.client, owner, { token: "tok_silent" });
  const was = await world.client.getSaga(byOrder(id), owner);
  const { client } = world;
  const unknownOrder = [
    client.getOrder({ orderId: id }, stranger),
    client.cancelOrder({ orderId: id }, stranger),
    Array.fromAsync(client.watchOrder({ orderId: id }, stranger)),
  ];
  for (const saying of await Promise.all(unknownOrder.map(sayingOf))) {
    assert.equal(saying, "NOT_FOUND UNKNOWN_ORDER");
  }
  const sagaOf = { id: { case: "sagaId", value: id } } as const;
  assert.equal(await sayingOf(client.getSaga(byOrder(id), stranger)), "NOT_FOUND UNKNOWN_SAGA");
  assert.equal(await sayingOf(client.getSaga(sagaOf, stranger)), "NOT_FOUND UNKNOWN_SAGA");
  assert.deepEqual((await client.listOrders({}, stranger)).orders, []);
  assert.deepEqual((await client.listSagas({}, stranger)).sagas, []);
  assert.equal((await client.resetOrders({}, stranger)).removed, 0);
  const is = await client.getSaga(byOrder(id), owner);
  assert.equal(is.saga?.status === SagaStatus.COMPENSATED, false);
  assert.equal(is.saga?.createTime?.seconds, was.saga?.createTime?.seconds);
});

test("an operator reads across sessions with *, and changes nothing there", async () => {
  const session = newSession();
  const id = await place(world.client, session, { token: "tok_silent" });
  const all = { sessionId: "*", ...asOperator };
  const { client } = world;
  assert.equal((await client.getOrder({ orderId: id }, all)).order?.id, id);
  assert.equal((await client.getSaga(byOrder(id), all)).saga?.orderId, id);
  const { orders } = await client.listOrders({ pageSize: 1000 }, all);
  assert.ok(orders.some((order) => order.id === id));
  const { sagas } = await client.listSagas({ pageSize: 1000 }, all);
  assert.ok(sagas.length >= orders.length);
  const changes = [
    client.createOrder(orderOf(), all),
    client.cancelOrder({ orderId: id }, all),
    client.resetOrders({}, all),
  ];
  for (const saying of await Promise.all(changes.map(sayingOf))) {
    assert.equal(saying, "INVALID_ARGUMENT x-session-id");
  }
  const everybody = client.listOrders({}, { sessionId: "*" });
  assert.equal(await sayingOf(everybody), "PERMISSION_DENIED OPERATOR_ONLY");
});

test("what is for operators is refused to others", async () => {
  const session = newSession();
  const id = await place(world.client, session, { token: "tok_silent" });
  const update = { orderId: id, status: OrderStatus.FAILED, reason: "because" };
  const calls = [
    world.client.retrySaga({ sagaId: id }, session),
    world.client.updateOrderStatus(update, session),
  ];
  for (const saying of await Promise.all(calls.map(sayingOf))) {
    assert.equal(saying, "PERMISSION_DENIED OPERATOR_ONLY");
  }
});

test("malformed requests name the field on every RPC", async () => {
  const session = newSession();
  const { client } = world;
  const wrongIds = ["", "x", "0".repeat(31), `${"0".repeat(32)}0`, "A".repeat(32)];
  for (const id of wrongIds) {
    const one = { orderId: id };
    const calls: [Promise<unknown>, string][] = [
      [client.getOrder(one, session), "order_id"],
      [client.cancelOrder(one, session), "order_id"],
      [Array.fromAsync(client.watchOrder(one, session)), "order_id"],
      [client.getSaga(byOrder(id), session), "order_id"],
      [client.getSaga({ id: { case: "sagaId", value: id } }, session), "saga_id"],
      [client.retrySaga({ sagaId: id }, session), "saga_id"],
    ];
    await refusedForTheirFields(calls);
  }
  const elsewhere = await tokenOf(newSession());
  const cases: [Promise<unknown>, string][] = [
    [client.getSaga({}, session), "id"],
    [client.listOrders({ pageSize: -1 }, session), "page_size"],
    [client.listOrders({ pageToken: "nonsense" }, session), "page_token"],
    [client.listOrders({ pageToken: elsewhere }, session), "page_token"],
    [client.listOrders({ userId: "a\u0000b" }, session), "user_id"],
    [client.listOrders({ status: 99 as OrderStatus }, session), "status"],
    [client.listSagas({ pageSize: -1 }, session), "page_size"],
    [client.listSagas({ pageToken: "nonsense" }, session), "page_token"],
    [client.listSagas({ currentStep: "a\u0000" }, session), "current_step"],
    [client.listSagas({ minAge: { seconds: -1n, nanos: 0 } }, session), "min_age"],
    [client.listSagas({ minAge: { seconds: 2n ** 62n, nanos: 0 } }, session), "min_age"],
    [client.listSagas({ status: 99 as SagaStatus }, session), "status"],
    [
      client.updateOrderStatus(
        { orderId: "0".repeat(32), status: OrderStatus.CONFIRMED, reason: "x" },
        session,
      ),
      "status",
    ],
  ];
  await refusedForTheirFields(cases);
  const noSession = { sessionId: "" };
  const id = "0".repeat(32);
  const calls = [
    client.getOrder({ orderId: id }, noSession),
    client.listOrders({}, noSession),
    client.cancelOrder({ orderId: id }, noSession),
    Array.fromAsync(client.watchOrder({ orderId: id }, noSession)),
    client.getSaga(byOrder(id), noSession),
    client.listSagas({}, noSession),
    client.retrySaga({ sagaId: id }, noSession),
    client.resetOrders({}, noSession),
  ];
  for (const saying of await Promise.all(calls.map(sayingOf))) {
    assert.equal(saying, "INVALID_ARGUMENT x-session-id");
  }
});

async function refusedForTheirFields(cases: readonly [Promise<unknown>, string][]): Promise<void> {
  const sayings = await Promise.all(cases.map(([call]) => sayingOf(call)));
  assert.deepEqual(
    sayings,
    cases.map(([, field]) => `INVALID_ARGUMENT ${field}`),
  );
}

async function tokenOf(session: { readonly sessionId: string }): Promise<string> {
  await place(world.client, session, { token: "tok_silent" });
  await place(world.client, session, { token: "tok_silent" });
  return (await world.client.listOrders({ pageSize: 1 }, session)).nextPageToken;
}
