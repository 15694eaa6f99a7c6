import assert from "node:assert/strict";
import { test } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { systemClock } from "@ordersaga/kernel";

import { keyNameOf } from "../../domain/join-calls.ts";
import type { Market } from "../../domain/price-order.ts";
import type { CreateOrderCall, CreateOrderResult } from "./call.ts";
import { type AcceptedOrder, createOrders, type UsedKey } from "./create-orders.ts";
import type { WantedProducts } from "./find-markets.ts";
import type { CallOutcome } from "./group-commit.ts";

test("a batch of calls is one question for stock and one transaction", async () => {
  const world = createWorld();
  const outcomes = await world.run([call(), call(), call()]);
  assert.deepEqual(kinds(outcomes), ["accepted", "accepted", "accepted"]);
  assert.equal(world.written.length, 1);
  assert.equal(world.written[0]?.length, 3);
  assert.equal(world.asked.length, 1);
});

test("stock is asked for each session, for the most that one order wants", async () => {
  const world = createWorld();
  await world.run([call({ quantity: 2 }), call({ quantity: 5 }), call({ sessionId: "t" })]);
  assert.deepEqual(
    [...(world.asked[0] ?? [])].map(([session, products]) => [session, [...products]]),
    [
      ["s", [["mouse", 5]]],
      ["t", [["mouse", 1]]],
    ],
  );
});

test("each order is compared with the stock on its own", async () => {
  const world = createWorld({ available: 5n });
  const outcomes = await world.run([
    call({ quantity: 5 }),
    call({ quantity: 5 }),
    call({ quantity: 6 }),
  ]);
  assert.deepEqual(kinds(outcomes), ["accepted", "accepted", "insufficient-stock"]);
});

test("equal calls of one batch make one order and get the same answer", async () => {
  const world = createWorld();
  const outcomes = await world.run([keyed("k", "h"), keyed("k", "h"), keyed("k", "h")]);
  assert.equal(new Set(orderIds(outcomes)).size, 1);
  assert.equal(world.written[0]?.length, 1);
});

test("another body under a key of the same batch is refused once the first is accepted", async () => {
  const outcomes = await createWorld().run([keyed("k", "h1"), keyed("k", "h2")]);
  assert.deepEqual(kinds(outcomes), ["accepted", "key-reused"]);
});

test("another body under a key has its turn when the first is refused", async () => {
  const world = createWorld({ available: 5n });
  const outcomes = await world.run([keyed("k", "h1", { quantity: 6 }), keyed("k", "h2")]);
  assert.deepEqual(kinds(outcomes), ["insufficient-stock", "again"]);
  assert.deepEqual(world.written, []);
});

test("a key used before answers with its order, or refuses another body", async () => {
  const order = await acceptedOrder();
  const used = new Map([[keyNameOf("s", "k"), { requestHash: "h", order }]]);
  const world = createWorld({ used });
  const outcomes = await world.run([keyed("k", "other"), keyed("k", "h"), keyed("l", "h")]);
  assert.deepEqual(kinds(outcomes), ["key-reused", "accepted", "accepted"]);
  assert.equal(orderIds(outcomes)[1], order.id);
  assert.equal(world.written[0]?.length, 1);
});

test("a key that a concurrent batch took has its turn again, with all equal calls", async () => {
  const world = createWorld({ loses: ({ call: { key } }) => key === "k" });
  const outcomes = await world.run([keyed("k", "h"), keyed("k", "h"), keyed("l", "h")]);
  assert.deepEqual(kinds(outcomes), ["again", "again", "accepted"]);
});

test("a call whose caller has gone changes nothing", async () => {
  const world = createWorld();
  const outcomes = await world.run([call({ signal: AbortSignal.abort() }), call()]);
  assert.deepEqual(kinds(outcomes), ["gone", "accepted"]);
  assert.equal(world.written[0]?.length, 1);
});

test("a caller that leaves during the stock check leaves nothing behind", async () => {
  const leaving = new AbortController();
  const world = createWorld({ onAsked: () => leaving.abort() });
  const outcomes = await world.run([call({ signal: leaving.signal })]);
  assert.deepEqual(kinds(outcomes), ["gone"]);
  assert.deepEqual(world.written, []);
});

test("work is done for those who still wait when the first of equal calls has left", async () => {
  const leaving = new AbortController();
  const world = createWorld({ onAsked: () => leaving.abort() });
  const outcomes = await world.run([keyed("k", "h", { signal: leaving.signal }), keyed("k", "h")]);
  assert.equal(kinds(outcomes)[1], "accepted");
});

test("a failing transaction fails the batch", async () => {
  const world = createWorld({
    loses: () => {
      throw new Error("no database");
    },
  });
  await assert.rejects(world.run([call()]), /no database/);
});

type World = {
  readonly available?: bigint;
  readonly used?: ReadonlyMap<string, UsedKey>;
  readonly loses?: (accepted: AcceptedOrder) => boolean;
  readonly onAsked?: () => void;
};

function createWorld(options: World = {}) {
  const { available = 100n, used = new Map(), loses = () => false } = options;
  const asked: WantedProducts[] = [];
  const written: (readonly AcceptedOrder[])[] = [];
  const unitPrice = { currency: "EUR", minor: 1999n };
  const market: Market = { isLive: true, find: () => ({ unitPrice, available }) };
  const run = (calls: readonly CreateOrderCall[]) =>
    createOrders(
      {
        clock: systemClock,
        findMarkets: async (wanted) => {
          asked.push(wanted);
          options.onAsked?.();
          return new Map([...wanted.keys()].map((session) => [session, market]));
        },
        findUsedKeys: async () => used,
        write: async (accepted) => {
          written.push(accepted);
          const won = accepted.filter((candidate) => !loses(candidate));
          return new Set(won.map(({ order }) => order.id));
        },
      },
      calls,
    );
  return { asked, written, run };
}

type CallInit = Partial<Pick<CreateOrderCall, "sessionId" | "signal" | "key" | "requestHash">> & {
  readonly quantity?: number;
};

function call({ quantity = 1, ...init }: CallInit = {}): CreateOrderCall {
  return {
    sessionId: "s",
    key: undefined,
    requestHash: "",
    userId: "ada",
    lines: [{ productId: "mouse", quantity, expectedUnitPrice: undefined }],
    paymentToken: "tok_ok",
    coordination: Coordination.UNSPECIFIED,
    signal: new AbortController().signal,
    ...init,
  };
}

function keyed(key: string, requestHash: string, init: CallInit = {}): CreateOrderCall {
  return call({ key, requestHash, ...init });
}

function kinds(outcomes: readonly CallOutcome<CreateOrderResult>[]): string[] {
  return outcomes.map((outcome) => {
    if (outcome.kind === "again") {
      return "again";
    }
    const { answer } = outcome;
    return answer.kind === "refused" ? answer.refusal.kind : answer.kind;
  });
}

function orderIds(outcomes: readonly CallOutcome<CreateOrderResult>[]): (string | undefined)[] {
  return outcomes.map((outcome) =>
    outcome.kind === "answer" && outcome.answer.kind === "accepted"
      ? outcome.answer.order.id
      : undefined,
  );
}

async function acceptedOrder() {
  const [outcome] = await createWorld().run([call()]);
  assert.ok(outcome?.kind === "answer" && outcome.answer.kind === "accepted");
  return outcome.answer.order;
}
