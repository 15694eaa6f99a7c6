import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus, StepStatus } from "@ordersaga/gen/order/v1/saga";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { waitFor } from "@ordersaga/testkit";

import {
  createWorld,
  operatorToken,
  orderOf,
  refusalOf,
  sayingOf,
  type World,
} from "../testing/test-world.ts";

let world: World;
let sessions = 0;
const newSession = () => ({ sessionId: `orders-${++sessions}` });
const asOperator = { headers: { authorization: `Bearer ${operatorToken}` } };

before(async () => {
  world = await createWorld({ ORDER_TIME_LIMIT_MS: "60000" });
});
after(() => world?.[Symbol.asyncDispose]());

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  const coordination = Coordination[mode];

  test(`a saga's history is shown by order and by saga id, with and without dashes: ${mode}`, async () => {
    const session = newSession();
    const id = await place(session, { coordination });
    const saga = await endOf(session, id);
    assert.equal(saga.status, SagaStatus.COMPLETED);
    assert.equal(saga.coordination, coordination);
    assert.equal(saga.currentStep, "");
    assert.ok(saga.history.some(({ status }) => status === StepStatus.SUCCEEDED));
    const plain = id.replaceAll("-", "");
    for (const wanted of [
      { case: "orderId", value: id },
      { case: "orderId", value: plain },
      { case: "sagaId", value: id },
      { case: "sagaId", value: plain },
    ] as const) {
      const found = await world.client.getSaga({ id: wanted }, session);
      assert.deepEqual(found.saga, saga);
    }
    const { order } = await world.client.getOrder({ orderId: plain }, session);
    assert.equal(order?.id, id);
    assert.equal(order?.status, OrderStatus.CONFIRMED);
  });

  test(`a declined payment fails the order with its reason: ${mode}`, async () => {
    const session = newSession();
    const id = await place(session, { coordination, token: "tok_declined" });
    assert.equal((await endOf(session, id)).status, SagaStatus.COMPENSATED);
    const { order } = await world.client.getOrder({ orderId: id }, session);
    assert.equal(order?.status, OrderStatus.FAILED);
    assert.equal(order?.reason, "PAYMENT_DECLINED");
  });

  test(`a cancelled order is undone, and cancelling it again says the same: ${mode}`, async () => {
    const session = newSession();
    const id = await place(session, { coordination, token: "tok_silent" });
    const first = await world.client.cancelOrder({ orderId: id }, session);
    assert.equal(first.order?.status, OrderStatus.CANCELLED);
    assert.equal(first.order?.reason, "CANCELLED_BY_USER");
    assert.equal((await endOf(session, id)).status, SagaStatus.COMPENSATED);
    const again = await world.client.cancelOrder({ orderId: id }, session);
    assert.equal(again.order?.status, OrderStatus.CANCELLED);
  });

  test(`of cancelling and confirming at the same moment one wins, and both agree: ${mode}`, async () => {
    const session = newSession();
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => place(session, { coordination })),
    );
    const cancelled = await Promise.all(
      ids.map(async (orderId) => {
        const saying = await world.client.cancelOrder({ orderId }, session).then(
          () => "cancelled",
          (error: unknown) => (error as { details: { reason: string } }).details.reason,
        );
        assert.ok(["cancelled", "ALREADY_DECIDED"].includes(saying), saying);
        return saying === "cancelled";
      }),
    );
    for (const [index, id] of ids.entries()) {
      const { status } = await endOf(session, id);
      assert.equal(status === SagaStatus.COMPENSATED, cancelled[index]);
      assert.equal(status === SagaStatus.COMPLETED, !cancelled[index]);
    }
  });
}

test("a confirmed order cannot be cancelled", async () => {
  const session = newSession();
  const id = await place(session);
  await endOf(session, id);
  const { code, details } = await refusalOf(world.client.cancelOrder({ orderId: id }, session));
  assert.equal(code, "FAILED_PRECONDITION");
  assert.equal(details.reason, "ALREADY_DECIDED");
  assert.deepEqual(details.metadata, { status: "CONFIRMED" });
});

test("orders are listed newest first, page by page, by user and by status", async () => {
  const session = newSession();
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) {
    ids.unshift(
      await place(session, { userId: index % 2 === 0 ? "ada" : "bob", token: "tok_silent" }),
    );
    await waitForNextMillisecond();
  }
  const cancelled = ids[3] ?? "";
  await world.client.cancelOrder({ orderId: cancelled }, session);
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await world.client.listOrders({ pageSize: 2, pageToken }, session);
    pages.push(page.orders.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  const bobs = await world.client.listOrders({ userId: "bob" }, session);
  assert.deepEqual(
    bobs.orders.map(({ id }) => id),
    [ids[1], ids[3]],
  );
  const gone = await world.client.listOrders({ status: OrderStatus.CANCELLED }, session);
  assert.deepEqual(
    gone.orders.map(({ id }) => id),
    [cancelled],
  );
});

test("sagas are listed by what they wait for, how long, and whether they have ended", async () => {
  const session = newSession();
  const ended = await place(session);
  await endOf(session, ended);
  const stuck = await place(session, { token: "tok_silent" });
  await waitFor(
    async () => {
      const { sagas } = await world.client.listSagas({ currentStep: "process-payment" }, session);
      return sagas.length === 1 && sagas[0]?.orderId === stuck;
    },
    { withinMs: 10_000, describe: "the saga to wait for its payment" },
  );
  const list = async (filter: Parameters<typeof world.client.listSagas>[0]) =>
    (await world.client.listSagas(filter, session)).sagas.map(({ orderId }) => orderId);
  assert.deepEqual(await list({}), [stuck, ended]);
  assert.deepEqual(await list({ unfinished: true }), [stuck]);
  assert.deepEqual(await list({ status: SagaStatus.COMPLETED }), [ended]);
  assert.deepEqual(await list({ minAge: { seconds: 3600n, nanos: 0 } }), []);
  assert.deepEqual(await list({ minAge: { seconds: 0n, nanos: 1 } }), [stuck, ended]);
  assert.deepEqual(await list({ minRecoveries: 4_000_000_000 }), []);
  const first = await world.client.listSagas({ pageSize: 1 }, session);
  const second = await world.client.listSagas(
    { pageSize: 1, pageToken: first.nextPageToken },
    session,
  );
  assert.deepEqual(
    second.sagas.map(({ orderId }) => orderId),
    [ended],
  );
  assert.equal(second.nextPageToken, "");
});

test("watching shows every step until the saga's end, also of changes by another instance", async () => {
  const session = newSession();
  await using other = await world.startAnother();
  const id = await place(session, { token: "tok_silent" });
  const seen: OrderStatus[] = [];
  let steps = 0;
  let sagaStatus: SagaStatus = SagaStatus.UNSPECIFIED;
  for await (const change of world.client.watchOrder({ orderId: id }, session)) {
    if (seen.length === 0) {
      await other.client.cancelOrder({ orderId: id }, session);
    }
    seen.push(change.order?.status ?? OrderStatus.UNSPECIFIED);
    steps += change.steps.length;
    ({ sagaStatus } = change);
  }
  assert.equal(seen.at(-1), OrderStatus.CANCELLED);
  assert.equal(sagaStatus, SagaStatus.COMPENSATED);
  assert.equal(steps, (await endOf(session, id)).history.length);
});

test("a watcher that leaves does not disturb, and an ended order is shown once", async () => {
  const session = newSession();
  const silent = await place(session, { token: "tok_silent" });
  const leaving = new AbortController();
  const stream = world.client.watchOrder(
    { orderId: silent },
    { ...session, signal: leaving.signal },
  );
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  leaving.abort();
  await iterator.next().catch(() => undefined);
  const id = await place(session);
  await endOf(session, id);
  const changes = await Array.fromAsync(world.client.watchOrder({ orderId: id }, session));
  assert.deepEqual(
    changes.map(({ order }) => order?.status),
    [OrderStatus.CONFIRMED],
  );
});

test("a reset aborts what is unfinished, waits for its end and removes this session's orders", async () => {
  const session = newSession();
  const other = newSession();
  const kept = await place(other, { token: "tok_silent" });
  await endOf(session, await place(session, { requestId: "key" }));
  await place(session, { token: "tok_silent" });
  await place(session, { token: "tok_silent" });
  const { aborted, removed } = await world.client.resetOrders({}, session);
  assert.deepEqual({ aborted, removed }, { aborted: 2, removed: 3 });
  assert.deepEqual((await world.client.listOrders({}, session)).orders, []);
  assert.deepEqual((await world.client.listSagas({}, session)).sagas, []);
  await world.client.getOrder({ orderId: kept }, other);
  await place(session, { requestId: "key", userId: "bob" });
});

test("a reset is refused where it is switched off", async () => {
  await using other = await world.startAnother({ RESET_ENABLED: "false" });
  const saying = await sayingOf(other.client.resetOrders({}, newSession()));
  assert.equal(saying, "FAILED_PRECONDITION RESET_DISABLED");
});

test("another session's order is NOT_FOUND on every RPC, and stays as it is", async () => {
  const owner = newSession();
  const stranger = newSession();
  const id = await place(owner, { token: "tok_silent" });
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
  const id = await place(session, { token: "tok_silent" });
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

test("what is for operators is refused to others, and not built yet for operators", async () => {
  const session = newSession();
  const id = await place(session, { token: "tok_silent" });
  const retry = (headers = {}) => world.client.retrySaga({ sagaId: id }, { ...session, headers });
  const update = (headers = {}) =>
    world.client.updateOrderStatus(
      { orderId: id, status: OrderStatus.FAILED, reason: "because" },
      { ...session, headers },
    );
  for (const call of [retry, update]) {
    assert.equal(await sayingOf(call()), "PERMISSION_DENIED OPERATOR_ONLY");
    assert.equal(await sayingOf(call(asOperator.headers)), "UNIMPLEMENTED UNIMPLEMENTED");
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

type Session = { readonly sessionId: string };

async function place(
  session: Session,
  {
    coordination = Coordination.UNSPECIFIED,
    ...different
  }: Parameters<typeof orderOf>[0] & {
    readonly coordination?: Coordination;
  } = {},
): Promise<string> {
  const request = { ...orderOf(different), coordination };
  return (await world.client.createOrder(request, session)).order?.id ?? "";
}

async function endOf(session: Session, orderId: string) {
  return await waitFor(
    async () => {
      const { saga } = await world.client.getSaga(byOrder(orderId), session);
      return saga?.endTime === undefined ? undefined : saga;
    },
    { withinMs: 15_000, describe: `the saga of ${orderId} to end` },
  );
}

async function tokenOf(session: Session): Promise<string> {
  await place(session, { token: "tok_silent" });
  await place(session, { token: "tok_silent" });
  return (await world.client.listOrders({ pageSize: 1 }, session)).nextPageToken;
}

async function waitForNextMillisecond(): Promise<void> {
  const now = Date.now();
  await waitFor(() => Date.now() > now, { withinMs: 1000, everyMs: 1 });
}

function byOrder(orderId: string) {
  return { id: { case: "orderId", value: orderId } } as const;
}
