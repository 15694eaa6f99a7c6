import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus, StepStatus } from "@ordersaga/gen/order/v1/saga";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { waitFor } from "@ordersaga/testkit";

import {
  createWorld,
  endOf,
  place,
  refusalOf,
  sayingOf,
  type World,
} from "../testing/test-world.ts";

let world: World;
let sessions = 0;
const newSession = () => ({ sessionId: `orders-${++sessions}` });

before(async () => {
  world = await createWorld({ ORDER_TIME_LIMIT_MS: "60000" });
});
after(() => world?.[Symbol.asyncDispose]());

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  const coordination = Coordination[mode];

  test(`a saga's history is shown by order and by saga id, with and without dashes: ${mode}`, async () => {
    const session = newSession();
    const id = await place(world.client, session, { coordination });
    const saga = await endOf(world.client, session, id);
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
    const id = await place(world.client, session, { coordination, token: "tok_declined" });
    assert.equal((await endOf(world.client, session, id)).status, SagaStatus.COMPENSATED);
    const { order } = await world.client.getOrder({ orderId: id }, session);
    assert.equal(order?.status, OrderStatus.FAILED);
    assert.equal(order?.reason, "PAYMENT_DECLINED");
  });

  test(`a cancelled order is undone, and cancelling it again says the same: ${mode}`, async () => {
    const session = newSession();
    const id = await place(world.client, session, { coordination, token: "tok_silent" });
    const first = await world.client.cancelOrder({ orderId: id }, session);
    assert.equal(first.order?.status, OrderStatus.CANCELLED);
    assert.equal(first.order?.reason, "CANCELLED_BY_USER");
    assert.equal((await endOf(world.client, session, id)).status, SagaStatus.COMPENSATED);
    const again = await world.client.cancelOrder({ orderId: id }, session);
    assert.equal(again.order?.status, OrderStatus.CANCELLED);
  });

  test(`of cancelling and confirming at the same moment one wins, and both agree: ${mode}`, async () => {
    const session = newSession();
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => place(world.client, session, { coordination })),
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
      const { status } = await endOf(world.client, session, id);
      assert.equal(status === SagaStatus.COMPENSATED, cancelled[index]);
      assert.equal(status === SagaStatus.COMPLETED, !cancelled[index]);
    }
  });
}

test("a confirmed order cannot be cancelled", async () => {
  const session = newSession();
  const id = await place(world.client, session);
  await endOf(world.client, session, id);
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
      await place(world.client, session, {
        userId: index % 2 === 0 ? "ada" : "bob",
        token: "tok_silent",
      }),
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
  const ended = await place(world.client, session);
  await endOf(world.client, session, ended);
  const stuck = await place(world.client, session, { token: "tok_silent" });
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
  const id = await place(world.client, session, { token: "tok_silent" });
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
  assert.equal(steps, (await endOf(world.client, session, id)).history.length);
});

test("a watcher that leaves does not disturb, and an ended order is shown once", async () => {
  const session = newSession();
  const silent = await place(world.client, session, { token: "tok_silent" });
  const leaving = new AbortController();
  const stream = world.client.watchOrder(
    { orderId: silent },
    { ...session, signal: leaving.signal },
  );
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  leaving.abort();
  await iterator.next().catch(() => undefined);
  const id = await place(world.client, session);
  await endOf(world.client, session, id);
  const changes = await Array.fromAsync(world.client.watchOrder({ orderId: id }, session));
  assert.deepEqual(
    changes.map(({ order }) => order?.status),
    [OrderStatus.CONFIRMED],
  );
});

test("a reset aborts what is unfinished, waits for its end and removes this session's orders", async () => {
  const session = newSession();
  const other = newSession();
  const kept = await place(world.client, other, { token: "tok_silent" });
  await endOf(world.client, session, await place(world.client, session, { requestId: "key" }));
  await place(world.client, session, { token: "tok_silent" });
  await place(world.client, session, { token: "tok_silent" });
  const { aborted, removed } = await world.client.resetOrders({}, session);
  assert.deepEqual({ aborted, removed }, { aborted: 2, removed: 3 });
  assert.deepEqual((await world.client.listOrders({}, session)).orders, []);
  assert.deepEqual((await world.client.listSagas({}, session)).sagas, []);
  await world.client.getOrder({ orderId: kept }, other);
  await place(world.client, session, { requestId: "key", userId: "bob" });
});

test("a reset is refused where it is switched off", async () => {
  await using other = await world.startAnother({ RESET_ENABLED: "false" });
  const saying = await sayingOf(other.client.resetOrders({}, newSession()));
  assert.equal(saying, "FAILED_PRECONDITION RESET_DISABLED");
});

async function waitForNextMillisecond(): Promise<void> {
  const now = Date.now();
  await waitFor(() => Date.now() > now, { withinMs: 1000, everyMs: 1 });
}
