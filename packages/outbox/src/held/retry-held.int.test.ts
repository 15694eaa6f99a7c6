import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { DeadLetterStatus } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { create } from "@bufbuild/protobuf";
import { ListDeadLettersRequestSchema } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { GetDeadLetterRequestSchema } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import { AppError, type ErrorCode, PermanentError, uuidv7 } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import { deadLetterHandlers } from "../dead-letters/dead-letter-handlers.ts";
import { decodeEnvelope } from "../envelope/decode-envelope.ts";
import type { Outbox } from "../outbox.ts";
import { createWorld, effectsOf, emitCauses, recordEffects, type World } from "../testing/world.ts";

let world: World;
let outbox: Outbox;

beforeEach(async () => {
  world = await createWorld("outbox_held");
  outbox = await world.outbox();
});

afterEach(() => world[Symbol.asyncDispose]());

const operator = { isOperator: true, sessionId: "*" };

test("what can never work is dead after one try, with a copy for everybody", async () => {
  await outbox.start([
    recordEffects((events) => {
      if (events.some(({ payload }) => payload.code === "never")) {
        throw new PermanentError({ code: "UNKNOWN_TYPE", message: "not for us" });
      }
    }),
  ]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "fine", "never"));
  const [held] = await waitFor(() => rows("DEAD", 1), { withinMs: 5000 });
  assert.deepEqual([held?.reason, held?.attempts], ["UNKNOWN_TYPE", 1]);
  const [copy] = await world.tables.query<{
    body: Buffer;
    type: string;
    headers: Record<string, string>;
  }>("select body, type, headers from outbox where stream = 'DLQ'");
  assert.equal(copy?.type, "saga.v1.Cause");
  assert.equal(copy?.headers["dead-letter-event-id"], held?.event_id);
  const [event] = decodeEnvelope(copy?.body ?? assert.fail()).events;
  assert.equal(event?.id, held?.event_id);
  assert.deepEqual(await effectsOf(world.tables), { fine: 1 });
});

test("tries are spaced by the retry policy, and counted", async () => {
  await outbox.start([alwaysFailing()]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "bad"));
  const [held] = await waitFor(() => rows("DEAD", 1), { withinMs: 5000 });
  assert.deepEqual(
    [held?.reason, held?.attempts, held?.error],
    ["ATTEMPTS_EXHAUSTED", 3, "internal error: a bug"],
  );
  const tookMs = Number(held?.last_attempt_at) - Number(held?.first_attempt_at);
  assert.ok(tookMs >= 20 + 40, `${tookMs} ms`);
});

test("a reaction without limit goes on trying", async () => {
  let tries = 0;
  const reaction = recordEffects(() => {
    tries += 1;
    if (tries < 8) {
      throw new Error("not yet");
    }
  });
  await outbox.start([{ ...reaction, isUnlimited: true }]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "late"));
  await waitFor(async () => (await effectsOf(world.tables))["late"] === 1, { withinMs: 5000 });
  assert.deepEqual(await rows("DEAD", 1), undefined);
  assert.equal((await rows("RESOLVED", 1))?.[0]?.attempts, 8);
});

test("two processes do not try the same held message twice", async () => {
  const tries: string[] = [];
  const failing = recordEffects((events) => {
    tries.push(...events.map(({ id, attempt }) => `${id} ${attempt}`));
    throw new Error("a bug");
  });
  const other = await world.outbox();
  await outbox.start([failing]);
  await other.start([failing]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "w", "x", "y", "z"));
  await waitFor(() => rows("DEAD", 4), { withinMs: 5000 });
  const retries = tries.filter((text) => !text.endsWith(" 1"));
  assert.equal(retries.length, 8);
  assert.equal(new Set(retries).size, 8);
});

test("a try under way is not claimed by another process, however long it takes", async () => {
  const isBegun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  let tries = 0;
  await outbox.start([
    recordEffects(async (events) => {
      tries += 1;
      if (events[0]?.attempt === 1) {
        throw new Error("a bug");
      }
      isBegun.resolve();
      await mayEnd.promise;
    }),
  ]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "slow"));
  await isBegun.promise;
  const claimable = await world.tables.query("select id from held_message for update skip locked");
  assert.deepEqual(claimable, []);
  mayEnd.resolve();
  await waitFor(() => rows("RESOLVED", 1), { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { slow: 1 });
  assert.equal(tries, 2);
});

test("a try that nobody wrote an end of counts as a death of the process", async () => {
  await outbox.start([recordEffects()]);
  await world.tables.query(
    `insert into held_message (id, status, consumer, subject, type, event_id, saga_id, session_id,
       body, headers, reason, error_code, error, attempts, kills, is_running, first_attempt_at,
       last_attempt_at, next_attempt_at)
     values ($1, 'RETRYING', 'saga-cause', 'saga.v1.cause', 'saga.v1.Cause', 'e', '', '', '', '{}',
       'REDELIVERED', '', '', 3, 2, true, now(), now(), now())`,
    [uuidv7()],
  );
  const [held] = await waitFor(() => rows("DEAD", 1), { withinMs: 5000 });
  assert.equal(held?.reason, "KILLED_PROCESS");
});

test("operators list dead letters, newest first, page by page, and look into one", async () => {
  await outbox.start([alwaysFailing()]);
  for (const code of ["one", "two", "three"]) {
    await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, code));
  }
  await waitFor(() => rows("DEAD", 3), { withinMs: 5000 });
  const handlers = deadLetterHandlers(world.database, [CauseSchema]);
  const list = (pageToken: string, pageSize = 2) =>
    handlers.listDeadLetters(
      create(ListDeadLettersRequestSchema, {
        filter: { status: DeadLetterStatus.DEAD, consumer: "saga-cause" },
        pageSize,
        pageToken,
      }),
      operator,
    );
  const first = await list("");
  const second = await list(first.nextPageToken ?? "");
  assert.deepEqual([first.deadLetters?.length, second.deadLetters?.length], [2, 1]);
  assert.equal(second.nextPageToken, "");
  const ids = [...(first.deadLetters ?? []), ...(second.deadLetters ?? [])].map(({ id }) => id);
  const newest = await world.tables.query<{ id: string }>(
    "select id from held_message order by id desc",
  );
  assert.deepEqual(
    ids,
    newest.map(({ id }) => id),
  );
  await assert.rejects(list("nonsense"), isInvalid("page_token"));
  await assert.rejects(list("", -1), isInvalid("page_size"));
  const one = await handlers.getDeadLetter(
    create(GetDeadLetterRequestSchema, { id: ids[2] ?? "" }),
    operator,
  );
  assert.deepEqual(JSON.parse(one.decodedJson ?? ""), { code: "one", message: "because of one" });
  assert.equal(one.deadLetter?.reason, "ATTEMPTS_EXHAUSTED");
  assert.equal(one.headers?.["ce-type"], "saga.v1.Cause");
});

test("dead letters are for operators only, and those of one session stay in it", async () => {
  await outbox.start([alwaysFailing()]);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "bad"));
  const [held] = await waitFor(() => rows("DEAD", 1), { withinMs: 5000 });
  const handlers = deadLetterHandlers(world.database);
  const everything = create(ListDeadLettersRequestSchema, {});
  const user = { isOperator: false, sessionId: "test" };
  await assert.rejects(handlers.listDeadLetters(everything, user), hasCode("PERMISSION_DENIED"));
  const inSession = async (sessionId: string) => {
    const list = await handlers.listDeadLetters(everything, { isOperator: true, sessionId });
    return list.deadLetters?.length;
  };
  assert.deepEqual(
    [await inSession("test"), await inSession("other"), await inSession("*")],
    [1, 0, 1],
  );
  const get = handlers.getDeadLetter(create(GetDeadLetterRequestSchema, { id: String(held?.id) }), {
    isOperator: true,
    sessionId: "other",
  });
  await assert.rejects(get, hasCode("NOT_FOUND"));
});

function alwaysFailing() {
  return recordEffects(() => {
    throw new Error("a bug");
  });
}

function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code;
}

function isInvalid(field: string): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.details.fields?.[0]?.field === field;
}

type Row = {
  readonly id: string;
  readonly event_id: string;
  readonly reason: string;
  readonly attempts: number;
  readonly error: string;
  readonly first_attempt_at: Date;
  readonly last_attempt_at: Date;
};

async function rows(status: string, count: number): Promise<readonly Row[] | undefined> {
  const found = await world.tables.query<Row>(
    "select * from held_message where status = $1 order by id",
    [status],
  );
  return found.length === count ? found : undefined;
}
