import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  DeadLetterStatus,
  DiscardDeadLettersRequestSchema,
  RedriveDeadLettersRequestSchema,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import { AppError, PermanentError, uuidv7 } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import type { Outbox } from "../outbox.ts";
import { createWorld, effectsOf, emitCauses, recordEffects, type World } from "../testing/world.ts";
import { type DeadLetterHandlers, deadLetterHandlers } from "./dead-letter-handlers.ts";
import type { DeadLetterCall } from "./operator-call.ts";

let world: World;
let outbox: Outbox;
let handlers: DeadLetterHandlers;
/** What the reaction gets to see: event id, envelope id and attempt of each try. */
let tries: { id: string; envelopeId: string; attempt: number }[];
let isBroken: boolean;

const operator: DeadLetterCall = { isOperator: true, sessionId: "*" };

beforeEach(async () => {
  world = await createWorld("outbox_repair");
  outbox = await world.outbox();
  handlers = deadLetterHandlers(world.database, [CauseSchema]);
  tries = [];
  isBroken = true;
  const reaction = recordEffects((events) => {
    tries.push(...events.map(({ id, envelopeId, attempt }) => ({ id, envelopeId, attempt })));
    if (isBroken) {
      throw new PermanentError({ code: "UNKNOWN_TYPE", message: "not yet" });
    }
  });
  await outbox.start([reaction]);
});

afterEach(() => world[Symbol.asyncDispose]());

test("a redriven message is handled once, with its own event id in a new envelope", async () => {
  const [id = ""] = await deadLetters("one");
  isBroken = false;
  tries.length = 0;
  const [before] = await held(id);
  assert.deepEqual(outcomesOf(await redrive({ ids: [id] })), ["REDRIVEN"]);
  const resolved = await waitFor(() => inStatus(id, "RESOLVED"), { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { one: 1 });
  assert.equal(tries[0]?.id, before?.event_id);
  assert.notEqual(tries[0]?.envelopeId, before?.envelope_id);
  assert.equal(tries[0]?.envelopeId, resolved.envelope_id);
  const answers = await redrive({ ids: [id] });
  assert.deepEqual(outcomesOf(answers), ["NOT_DEAD"]);
  assert.match(answers[0]?.message ?? "", /RESOLVED/);
  const [audit, ...more] = await audits();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [audit?.actor, audit?.action, audit?.target, audit?.session_id],
    ["operator", "redrive-dead-letter", id, "test"],
  );
  assert.equal(audit?.details["event_id"], before?.event_id);
});

test("a redriven message that fails again is a dead letter again, after one try", async () => {
  const [id = ""] = await deadLetters("one");
  await world.tables.query("update held_message set attempts = 3 where id = $1", [id]);
  tries.length = 0;
  await redrive({ ids: [id] });
  const dead = await waitFor(() => inStatus(id, "DEAD"), { withinMs: 5000 });
  assert.deepEqual([dead.attempts, tries.length], [4, 1]);
  const copies = await world.tables.query("select id from outbox where stream = 'DLQ'");
  assert.equal(copies.length, 2);
  isBroken = false;
  assert.deepEqual(outcomesOf(await redrive({ ids: [id] })), ["REDRIVEN"]);
  await waitFor(() => inStatus(id, "RESOLVED"), { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { one: 1 });
});

test("a dry run says what would happen to each, and does nothing", async () => {
  const [good = "", noEnvelope = "", badPayload = "", unknown = ""] = await deadLetters(
    "a",
    "b",
    "c",
    "d",
  );
  await world.tables.query("update held_message set body = '\\xff' where id = $1", [noEnvelope]);
  await world.tables.query(
    "update held_message set body = overlay(body placing '\\xffff' from length(body) - 1) where id = $1",
    [badPayload],
  );
  await world.tables.query("update held_message set type = 'old.Type' where id = $1", [unknown]);
  const missing = uuidv7();
  const ids = [good, noEnvelope, badPayload, unknown, missing];
  const expected = ["UNDECODABLE", "UNDECODABLE", "UNKNOWN_TYPE", "NOT_FOUND"];
  isBroken = false;
  const before = await held();
  const dry = await redrive({ ids, dryRun: true });
  assert.deepEqual(outcomesOf(dry), ["WOULD_REDRIVE", ...expected]);
  assert.ok(dry.every(({ message }) => message !== ""));
  assert.deepEqual(await held(), before);
  assert.deepEqual(await audits(), []);
  assert.deepEqual(outcomesOf(await redrive({ ids })), ["REDRIVEN", ...expected]);
  await waitFor(() => inStatus(good, "RESOLVED"), { withinMs: 5000 });
  assert.equal((await audits()).length, 1);
});

test("a filter selects what is dead at the call, the oldest first, and nothing else", async () => {
  const [first = "", second = "", discarded = ""] = await deadLetters("x", "y", "z");
  await discard([discarded]);
  isBroken = false;
  const none = await redrive({ filter: { reason: "SOMETHING_ELSE" } });
  assert.deepEqual(none, []);
  const retrying = await redrive({ filter: { status: DeadLetterStatus.RETRYING } });
  assert.deepEqual(retrying, []);
  const answers = await redrive({ filter: { consumer: "saga-cause" }, maxPerSecond: 20 });
  assert.deepEqual(
    answers.map(({ id }) => id),
    [first, second],
  );
  await waitFor(() => inStatus(second, "RESOLVED"), { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { x: 1, y: 1 });
});

test("a redrive is no faster than it was asked to be, and stops when the caller leaves", async () => {
  const ids = await deadLetters(...Array.from({ length: 6 }, (_, index) => `slow-${index}`));
  isBroken = false;
  const leaving = new AbortController();
  const call = { ...operator, signal: leaving.signal };
  const startedAt = performance.now();
  const request = create(RedriveDeadLettersRequestSchema, { ids: [...ids], maxPerSecond: 10 });
  const seen: (string | undefined)[] = [];
  for await (const { id } of handlers.redriveDeadLetters(request, call)) {
    if (seen.push(id) === 3) {
      leaving.abort();
    }
  }
  assert.deepEqual(seen, ids.slice(0, 3));
  assert.ok(performance.now() - startedAt >= 200 - 5);
  assert.equal((await audits()).length, 3);
});

test("of two operators who redrive the same message one is told that it is not dead", async () => {
  const [id = ""] = await deadLetters("once");
  isBroken = false;
  const answers = await Promise.all(Array.from({ length: 5 }, () => redrive({ ids: [id] })));
  const outcomes = answers.flatMap(outcomesOf).map(String).toSorted();
  assert.deepEqual(outcomes, [...Array.from({ length: 4 }, () => "NOT_DEAD"), "REDRIVEN"]);
  await waitFor(() => inStatus(id, "RESOLVED"), { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { once: 1 });
});

test("a discarded dead letter is never tried again, and the reason is kept", async () => {
  const [id = ""] = await deadLetters("never");
  isBroken = false;
  assert.deepEqual(await discard([id, uuidv7()]), { discarded: 1 });
  assert.deepEqual(await discard([id]), { discarded: 0 });
  assert.deepEqual(outcomesOf(await redrive({ ids: [id] })), ["NOT_DEAD"]);
  const rows = await audits();
  assert.deepEqual(
    rows.map(({ action, target, reason }) => [action, target, reason]),
    [["discard-dead-letter", id, "a mistake of ours"]],
  );
  assert.ok(await inStatus(id, "DISCARDED"));
});

test("repairs are for operators, in their session, with sound requests", async () => {
  const [id = ""] = await deadLetters("bad");
  const user = { isOperator: false, sessionId: "test" };
  await assert.rejects(redrive({ ids: [id] }, user), hasCode("PERMISSION_DENIED"));
  await assert.rejects(discard([id], user), hasCode("PERMISSION_DENIED"));
  const elsewhere = { isOperator: true, sessionId: "other" };
  assert.deepEqual(outcomesOf(await redrive({ ids: [id] }, elsewhere)), ["NOT_FOUND"]);
  assert.deepEqual(await redrive({ filter: {} }, elsewhere), []);
  assert.deepEqual(await discard([id], elsewhere), { discarded: 0 });
  await assert.rejects(redrive({}), hasCode("INVALID_ARGUMENT"));
  await assert.rejects(redrive({ ids: [id], filter: {} }), hasCode("INVALID_ARGUMENT"));
  await assert.rejects(redrive({ ids: ["nonsense"] }), hasCode("INVALID_ARGUMENT"));
  await assert.rejects(redrive({ filter: { sagaId: "x" } }), hasCode("INVALID_ARGUMENT"));
  assert.ok(await inStatus(id, "DEAD"));
});

/** Makes one dead letter for each code; returns their ids, oldest first. */
async function deadLetters(...codes: readonly string[]): Promise<readonly string[]> {
  for (const [index, code] of codes.entries()) {
    await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, code));
    await waitFor(async () => (await held()).length === index + 1, { withinMs: 5000 });
  }
  return (await held()).map(({ id }) => id);
}

async function redrive(
  request: MessageInitShape<typeof RedriveDeadLettersRequestSchema>,
  call = operator,
) {
  const message = create(RedriveDeadLettersRequestSchema, request);
  return await Array.fromAsync(handlers.redriveDeadLetters(message, call));
}

async function discard(ids: readonly string[], call = operator) {
  const request = { ids: [...ids], reason: "a mistake of ours" };
  return await handlers.discardDeadLetters(create(DiscardDeadLettersRequestSchema, request), call);
}

function outcomesOf(answers: Awaited<ReturnType<typeof redrive>>) {
  return answers.map(({ outcome }) => outcome);
}

function hasCode(code: AppError["code"]): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code;
}

type Held = {
  readonly id: string;
  readonly status: string;
  readonly event_id: string;
  readonly envelope_id: string;
  readonly attempts: number;
};

async function held(id?: string): Promise<readonly Held[]> {
  return await world.tables.query<Held>(
    "select * from held_message where $1::uuid is null or id = $1 order by id",
    [id ?? null],
  );
}

async function inStatus(id: string, status: string): Promise<Held | undefined> {
  const [row] = await held(id);
  return row?.status === status ? row : undefined;
}

async function audits() {
  return await world.tables.query<{
    actor: string;
    action: string;
    target: string;
    session_id: string;
    reason: string;
    details: Readonly<Record<string, string>>;
  }>("select * from audit order by id");
}
