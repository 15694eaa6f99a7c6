import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import type { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { AppError } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import {
  createWorld,
  endOf,
  orderOf,
  refusalOf,
  sayingOf,
  type World,
} from "../testing/test-world.ts";

let world: World;
let sessions = 0;
const newSession = () => ({ sessionId: `create-${++sessions}` });

before(async () => {
  world = await createWorld();
});
after(() => world?.[Symbol.asyncDispose]());

test("an order is accepted at the server's prices and goes on to be confirmed", async () => {
  const session = newSession();
  const lines = [
    { productId: "mouse", quantity: 2 },
    { productId: "laptop", quantity: 1 },
  ];
  const { order } = await world.client.createOrder(orderOf({ lines }), session);
  assert.ok(order);
  assert.equal(order.status, OrderStatus.PENDING);
  assert.equal(order.total?.minorUnits, 103_898n);
  assert.equal(order.sagaId, order.id.replaceAll("-", ""));
  await waitFor(
    async () => {
      const found = await world.client.getOrder({ orderId: order.id }, session);
      return found.order?.status === OrderStatus.CONFIRMED;
    },
    { withinMs: 10_000, describe: "the order to be confirmed" },
  );
});

test("fifty concurrent equal calls make one order and get fifty equal answers", async () => {
  const session = newSession();
  const request = orderOf({ requestId: "fifty", token: "tok_silent" });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => world.client.createOrder(request, session)),
  );
  const [first] = answers;
  for (const answer of answers) {
    assert.deepEqual(answer, first);
  }
  assert.equal(await countOrders(session.sessionId), 1);
});

test("fifty equal calls to two instances make one order", async () => {
  const session = newSession();
  await using other = await world.startAnother();
  const request = orderOf({ requestId: "both", token: "tok_silent" });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? world : other).client.createOrder(request, session),
    ),
  );
  assert.equal(new Set(answers.map(({ order }) => order?.id)).size, 1);
  assert.equal(await countOrders(session.sessionId), 1);
});

test("the same key answers as at first, however far the order has come, by header or field", async () => {
  const session = newSession();
  const first = await world.client.createOrder(orderOf({ requestId: "again" }), session);
  const orderId = first.order?.id ?? "";
  await endOf(world.client, session, orderId);
  await using restarted = await world.startAnother();
  const again = await restarted.client.createOrder(orderOf(), withKey(session, "again"));
  assert.deepEqual(again, first);
});

test("a key is refused for another body, and free for it in another session", async () => {
  const session = newSession();
  await world.client.createOrder(orderOf({ requestId: "key" }), session);
  const other = orderOf({ requestId: "key", userId: "bob" });
  assert.equal(
    await sayingOf(world.client.createOrder(other, session)),
    "ALREADY_EXISTS IDEMPOTENCY_KEY_REUSED",
  );
  await world.client.createOrder(other, newSession());
});

test("a key given by header over plain HTTP is the same key as over gRPC", async () => {
  const session = newSession();
  const first = await world.client.createOrder(orderOf(), withKey(session, "http"));
  const { requestId: _requestId, ...body } = orderOf();
  const response = await fetch(`http://127.0.0.1:${world.port}/order.v1.OrderService/CreateOrder`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-session-id": session.sessionId,
      "Idempotency-Key": "http",
    },
    body: JSON.stringify(body),
  });
  const { order } = (await response.json()) as { readonly order: { readonly id: string } };
  assert.equal(order.id, first.order?.id);
});

test("concurrent calls with one key and two bodies make one order and refuse the other body", async () => {
  const session = newSession();
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) =>
      world.client.createOrder(
        orderOf({ requestId: "race", userId: index % 2 === 0 ? "ada" : "bob" }),
        session,
      ),
    ),
  );
  const accepted = results.filter(({ status }) => status === "fulfilled");
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(accepted.length, 20);
  assert.ok(
    refused.every(
      ({ reason }) =>
        reason instanceof AppError && reason.details.reason === "IDEMPOTENCY_KEY_REUSED",
    ),
  );
  assert.equal(await countOrders(session.sessionId), 1);
});

test("a refused create is not remembered: its key is free", async () => {
  const session = newSession();
  const short = orderOf({
    requestId: "free",
    lines: [{ productId: "sold-out", quantity: 1 }],
  });
  assert.equal(
    await sayingOf(world.client.createOrder(short, session)),
    "FAILED_PRECONDITION INSUFFICIENT_STOCK",
  );
  await world.client.createOrder(orderOf({ requestId: "free" }), session);
});

test("an unknown product is NOT_FOUND and named", async () => {
  const lines = [
    { productId: "mouse", quantity: 1 },
    { productId: "unicorn", quantity: 1 },
  ];
  const refusal = await refusalOf(world.client.createOrder(orderOf({ lines }), newSession()));
  assert.equal(refusal.code, "NOT_FOUND");
  assert.equal(refusal.details.reason, "UNKNOWN_PRODUCT");
  assert.equal(refusal.details.metadata?.["product_id"], "unicorn");
});

test("too little stock is refused with what is short", async () => {
  const lines = [{ productId: "limited-edition", quantity: 2 }];
  const refusal = await refusalOf(world.client.createOrder(orderOf({ lines }), newSession()));
  assert.equal(refusal.code, "FAILED_PRECONDITION");
  assert.equal(refusal.details.reason, "INSUFFICIENT_STOCK");
  assert.deepEqual(refusal.details.metadata, {
    product_id: "limited-edition",
    "limited-edition.requested": "2",
    "limited-edition.available": "1",
  });
});

test("a price that changed, mixed currencies and a total beyond all amounts are refused", async () => {
  const session = newSession();
  const refused = (request: Parameters<typeof world.client.createOrder>[0]) =>
    sayingOf(world.client.createOrder(request, session));
  assert.equal(await refused(seen(1998n)), "FAILED_PRECONDITION PRICE_CHANGED");
  assert.equal(await refused(seen(1999n, "USD")), "FAILED_PRECONDITION PRICE_CHANGED");
  const mixed = ["mouse", "swiss"].map((productId) => ({ productId, quantity: 1 }));
  assert.equal(await refused(orderOf({ lines: mixed })), "FAILED_PRECONDITION MIXED_CURRENCIES");
  const dear = [{ productId: "treasure", quantity: 4 }];
  assert.equal(await refused(orderOf({ lines: dear })), "FAILED_PRECONDITION TOTAL_TOO_LARGE");
  await world.client.createOrder(seen(1999n), session);
});

test("malformed requests name the field and change nothing", async () => {
  const session = newSession();
  const line = { productId: "mouse", quantity: 1 };
  const many = Array.from({ length: 101 }, (_, index) => ({ productId: `p${index}`, quantity: 1 }));
  const lines = (...given: (typeof line)[]) => orderOf({ lines: given });
  const cases: [Parameters<typeof world.client.createOrder>[0], string][] = [
    [lines(), "lines"],
    [lines(...many), "lines"],
    [lines({ ...line, quantity: 0 }), "lines[0].quantity"],
    [lines(line, { productId: "laptop", quantity: -1 }), "lines[1].quantity"],
    [lines({ ...line, quantity: 1001 }), "lines[0].quantity"],
    [lines({ ...line, productId: "No Such Id" }), "lines[0].product_id"],
    [lines(line, line), "lines[1].product_id"],
    [orderOf({ userId: "" }), "user_id"],
    [orderOf({ userId: "a b" }), "user_id"],
    [orderOf({ token: "4111 1111" }), "payment_method.token"],
    [{ ...orderOf(), paymentMethod: undefined }, "payment_method"],
    [{ ...orderOf(), coordination: 7 as Coordination }, "coordination"],
    [orderOf({ requestId: "x".repeat(256) }), "request_id"],
    [orderOf({ requestId: "a\u0000b" }), "request_id"],
    [
      { ...orderOf(), lines: [{ ...line, expectedUnitPrice: { currencyCode: "euro" } }] },
      "lines[0].expected_unit_price.currency_code",
    ],
  ];
  for (const [request, field] of cases) {
    const saying = await sayingOf(world.client.createOrder(request, session));
    assert.equal(saying, `INVALID_ARGUMENT ${field}`);
  }
  const keyed = (key: string, requestId = "") =>
    sayingOf(world.client.createOrder(orderOf({ requestId }), withKey(session, key)));
  assert.equal(await keyed("a", "b"), "INVALID_ARGUMENT request_id");
  assert.equal(await keyed("x".repeat(256)), "INVALID_ARGUMENT idempotency-key");
  assert.equal(await keyed("a b"), "INVALID_ARGUMENT idempotency-key");
  for (const sessionId of ["", "a b", "x".repeat(65)]) {
    const saying = await sayingOf(world.client.createOrder(orderOf(), { sessionId }));
    assert.equal(saying, "INVALID_ARGUMENT x-session-id");
  }
  assert.equal(await countOrders(session.sessionId), 0);
});

test("a call whose deadline passes while it is queued changes nothing", async () => {
  const session = newSession();
  const held = Promise.withResolvers<void>();
  world.inventory.beforeAnswer = () => held.promise;
  try {
    const call = world.client.createOrder(orderOf(), { ...session, timeoutMs: 100 });
    assert.equal((await refusalOf(call)).code, "DEADLINE_EXCEEDED");
  } finally {
    world.inventory.beforeAnswer = async () => undefined;
    held.resolve();
  }
  await world.client.createOrder(orderOf({ userId: "bob" }), session);
  const { orders } = await world.client.listOrders({}, session);
  assert.deepEqual(
    orders.map(({ userId }) => userId),
    ["bob"],
  );
});

test("calls of many sessions share a transaction and stay apart", async () => {
  const those = Array.from({ length: 20 }, newSession);
  const answers = await Promise.all(
    those.map((session) => world.client.createOrder(orderOf({ requestId: "same" }), session)),
  );
  assert.equal(new Set(answers.map(({ order }) => order?.id)).size, 20);
  for (const [index, session] of those.entries()) {
    const { orders } = await world.client.listOrders({}, session);
    assert.deepEqual(
      orders.map(({ id }) => id),
      [answers[index]?.order?.id],
    );
  }
});

function seen(minorUnits: bigint, currencyCode = "EUR") {
  const expectedUnitPrice = { currencyCode, minorUnits };
  return { ...orderOf(), lines: [{ productId: "mouse", quantity: 1, expectedUnitPrice }] };
}

async function countOrders(sessionId: string): Promise<number> {
  const rows = await world.tables.query<{ readonly count: number }>(
    `SELECT (SELECT count(*) FROM orders WHERE session_id = $1)::int AS count`,
    [sessionId],
  );
  return rows[0]?.count ?? -1;
}

function withKey(session: { readonly sessionId: string }, key: string) {
  return { ...session, headers: { "idempotency-key": key } };
}
