import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { readConfig, systemClock, systemRng } from "@ordersaga/kernel";
import { createMemoryBus } from "@ordersaga/messaging";
import {
  createOutbox,
  type EventContext,
  openDatabase,
  outboxLimitsFrom,
  type Statement,
  type UnitsOfWork,
} from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { type TestDatabase, waitFor } from "@ordersaga/testkit";

import { settings } from "../config.ts";
import type { Heard } from "../domain/decide-set.ts";
import type { PaymentAnswer } from "../domain/payment.ts";
import type { OpenCall } from "../domain/provider-call.ts";
import { scheduleLimitsFrom } from "../limits.ts";
import { entities, migrations } from "../persistence/index.ts";
import { createPaymentDatabase, newSagaId, undoCause } from "../testing/payment-under-test.ts";
import { createHear, type Hear } from "./hear.ts";

const opened = new AsyncDisposableStack();
const asked: OpenCall[] = [];
const said: { readonly sagaId: string; readonly kind: PaymentAnswer["kind"] }[] = [];
let stored: TestDatabase;
let unitsOfWork: UnitsOfWork;
let hear: Hear;

before(async () => {
  stored = opened.use(await createPaymentDatabase());
  const config = readConfig(settings, { DATABASE_URL: stored.url });
  const base = { clock: systemClock, rng: systemRng, log: silentLogger };
  const database = opened.use(
    await openDatabase({ url: stored.url, entities, migrations, poolMax: 8, ...base }),
  );
  const bus = createMemoryBus();
  const outbox = opened.use(
    createOutbox({ ...base, database, bus, service: "payment", limits: outboxLimitsFrom(config) }),
  );
  ({ unitsOfWork } = outbox);
  hear = createHear({
    ...base,
    provider: { ask: (calls) => void asked.push(...calls), awayUntil: () => undefined },
    tell: (uow, { sagaId }, { kind }) => uow.afterCommit(() => said.push({ sagaId, kind })),
    limits: scheduleLimitsFrom(config),
  });
});
beforeEach(() => {
  asked.length = 0;
  said.length = 0;
});
after(() => opened.disposeAsync());

function request(kind: "do" | "undo", sagaId: string): Heard<EventContext> {
  const amount = { currencyCode: "EUR", minorUnits: 1n };
  return {
    sagaId,
    sessionId: "s",
    heard:
      kind === "do"
        ? { kind, charge: { amount, token: "tok_ok", userId: "u" } }
        : { kind, cause: undoCause },
    context: {
      sagaId,
      sessionId: "s",
      traceparent: "",
      definitionVersion: 1,
      coordination: Coordination.CHOREOGRAPHY,
      state: new Uint8Array([1, 2, 3]),
    },
  };
}

const charged = (sagaId: string): Heard<EventContext> => ({
  sagaId,
  sessionId: "s",
  heard: { kind: "charged" },
});

const run = (...set: readonly Heard<EventContext>[]): Promise<void> =>
  unitsOfWork.run((uow) => hear(uow, set));

/** Hears something and holds the unit of work open until it is let go. */
function hold(...set: readonly Heard<EventContext>[]) {
  const heard = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const done = unitsOfWork.run(async (uow) => {
    await hear(uow, set);
    // What was sent before is executed when this is answered.
    await uow.query(selectNothing, []);
    heard.resolve();
    await gate.promise;
  });
  return { heard: heard.promise, letGo: () => (gate.resolve(), done) };
}

const selectNothing: Statement<never> = { name: "test.select-nothing", text: "select" };

/** Waits until another unit of work waits for a lock. */
async function untilSomeoneWaits(): Promise<void> {
  await waitFor(
    async () => {
      const rows = await stored.query(
        `select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    },
    { withinMs: 10_000, describe: "someone to wait for a lock" },
  );
}

async function statusOf(sagaId: string): Promise<string | undefined> {
  const [row] = await stored.query<{ status: string }>(
    "select status from payment where saga_id = $1",
    [sagaId],
  );
  return row?.status;
}

test("an answer of the provider that meets an undo in progress does not undo the undo", async () => {
  const sagaId = newSagaId();
  await run(request("do", sagaId));
  const undo = hold(request("undo", sagaId));
  await undo.heard;
  const answer = run(charged(sagaId));
  await untilSomeoneWaits();
  await Promise.all([undo.letGo(), answer]);
  assert.equal(await statusOf(sagaId), "UNDOING");
  assert.deepEqual(said, []);
  assert.equal(asked.at(-1)?.call, "cancel");
});

test("a do that meets the tombstone being written is refused, and nothing is asked", async () => {
  const sagaId = newSagaId();
  const undo = hold(request("undo", sagaId));
  await undo.heard;
  const late = run(request("do", sagaId));
  await untilSomeoneWaits();
  await Promise.all([undo.letGo(), late]);
  assert.equal(await statusOf(sagaId), "REFUNDED");
  assert.deepEqual(
    said.map(({ kind }) => kind),
    ["refunded", "refunded"],
  );
  assert.deepEqual(asked, []);
});

test("two equal first requests at the same moment make one payment", async () => {
  const sagaId = newSagaId();
  const first = hold(request("do", sagaId));
  await first.heard;
  const second = run(request("do", sagaId));
  await untilSomeoneWaits();
  await Promise.all([first.letGo(), second]);
  assert.equal(await statusOf(sagaId), "CHARGING");
});

test("overlapping sets in different orders do not fail", async () => {
  const sagas = Array.from({ length: 100 }, newSagaId);
  const kinds = ["do", "undo"] as const;
  await Promise.all(
    Array.from({ length: 6 }, (_, index) => {
      const ordered = index % 3 === 0 ? sagas.toReversed() : sagas;
      return run(...ordered.map((sagaId) => request(kinds[index % 2] ?? "do", sagaId)));
    }),
  );
  const rows = await stored.query<{ status: string }>(
    "select distinct status from payment where saga_id = any($1::uuid[])",
    [sagas],
  );
  assert.ok(rows.every(({ status }) => status === "UNDOING" || status === "REFUNDED"));
});

test("a unit of work that is rolled back asks nothing and says nothing", async () => {
  const sagaId = newSagaId();
  await assert.rejects(
    unitsOfWork.run(async (uow) => {
      await hear(uow, [request("do", sagaId)]);
      throw new Error("changed my mind");
    }),
  );
  assert.equal(await statusOf(sagaId), undefined);
  assert.deepEqual([...asked, ...said], []);
});

test("what a row keeps for its answer comes back as it was", async () => {
  const sagaId = newSagaId();
  const contexts: EventContext[] = [];
  const telling = createHear({
    provider: { ask: () => undefined, awayUntil: () => undefined },
    tell: (_uow, context) => void contexts.push(context),
    limits: scheduleLimitsFrom(readConfig(settings, { DATABASE_URL: stored.url })),
    clock: systemClock,
    rng: systemRng,
  });
  const first = request("do", sagaId);
  await run(first);
  await unitsOfWork.run((uow) => telling(uow, [charged(sagaId)]));
  const [context] = contexts;
  assert.ok(context && first.context);
  assert.deepEqual(
    { ...context, state: [...context.state] },
    { ...first.context, state: [1, 2, 3] },
  );
});
