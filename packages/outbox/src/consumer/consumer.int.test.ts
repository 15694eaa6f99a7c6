import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import { AppError, systemClock, TransientError, uuidv7 } from "@ordersaga/kernel";
import type { MessageBus } from "@ordersaga/messaging";
import { startTcpProxy, waitFor } from "@ordersaga/testkit";

import { cloudEventHeaders } from "../envelope/cloud-events.ts";
import { encodeEnvelope } from "../envelope/encode-envelope.ts";
import type { Outbox } from "../outbox.ts";
import type { IncomingEvent } from "../reaction.ts";
import { reactTo } from "../reaction.ts";
import {
  contextOf,
  createWorld,
  effectsOf,
  emitCauses,
  openTestDatabase,
  recordEffects,
  shortLimits,
  type World,
} from "../testing/world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld("outbox_consumer");
});

afterEach(() => world[Symbol.asyncDispose]());

const subject = "saga.v1.cause";

test("waiting envelopes are handled as one set, in order", async () => {
  const sets: string[][] = [];
  const sender = await startSender();
  await emitOneByOne(sender, 10);
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([
    recordEffects((events) => {
      sets.push(codesOf(events));
    }),
  ]);
  await effectsAre(world, 10);
  assert.deepEqual(
    sets.flat(),
    Array.from({ length: 10 }, (_event, index) => `n${index}`),
  );
  assert.ok(sets.length < 10, `${sets.length} sets`);
});

test("a set takes no more events than its limit, but an envelope stays whole", async () => {
  const sizes: number[] = [];
  const sender = await startSender();
  for (const size of [5, 5, 25, 5]) {
    await sender.unitsOfWork.run(async (uow) => {
      emitCauses(uow, ...Array.from({ length: size }, () => "x"));
    });
  }
  await published(4);
  const receiver = await world.outbox({ service: "receiver", limits: { setEvents: 12 } });
  await receiver.start([
    recordEffects((events) => {
      sizes.push(events.length);
    }),
  ]);
  await effectsAre(world, 40);
  assert.deepEqual(sizes, [10, 25, 5]);
});

test("an envelope that comes twice is handled once", async () => {
  const receiver = await world.outbox({ service: "receiver" });
  let calls = 0;
  await receiver.start([
    recordEffects(() => {
      calls += 1;
    }),
  ]);
  const id = uuidv7();
  await publishRaw(envelope(id, "twice"));
  await effectsAre(world, 1);
  for (const messageId of ["again", "and again"]) {
    await publishRaw(envelope(id, "twice"), messageId);
  }
  await publishRaw(envelope(uuidv7(), "after"));
  await effectsAre(world, 2);
  assert.deepEqual(await effectsOf(world.tables), { after: 1, twice: 1 });
  assert.equal(calls, 2);
});

test("an envelope that comes twice in one set is handled once", async () => {
  const sender = await startSender();
  const id = uuidv7();
  await publishRaw(envelope(id, "twice"), "first");
  await publishRaw(envelope(id, "twice"), "second");
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([recordEffects()]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "after"));
  await effectsAre(world, 2);
  assert.deepEqual(await effectsOf(world.tables), { after: 1, twice: 1 });
});

test("two services hear the same envelope, each for itself", async () => {
  const sender = await startSender();
  for (const service of ["first", "second"]) {
    await (await world.outbox({ service })).start([recordEffects()]);
  }
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "x"));
  await waitFor(async () => (await effectsOf(world.tables))["x"] === 2, { withinMs: 3000 });
});

test("a bad event in a set of many harms no other", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver", limits: { setEvents: 1000 } });
  const codes = Array.from({ length: 50 }, (_event, index) => `n${index}`);
  await sender.unitsOfWork.run(async (uow) => {
    emitCauses(uow, ...codes.slice(0, 20), "bad", ...codes.slice(20), "forbidden");
  });
  await receiver.start([
    recordEffects((events) => {
      if (codesOf(events).includes("bad")) {
        throw new Error("a bug");
      }
    }),
  ]);
  await effectsAre(world, 50);
  const dead = await waitFor(() => heldAre("DEAD", 2), { withinMs: 5000 });
  assert.deepEqual(
    dead.map(({ reason, error_code: code, attempts }) => ({ reason, code, attempts })),
    Array.from({ length: 2 }, () => ({
      reason: "ATTEMPTS_EXHAUSTED",
      code: "INTERNAL",
      attempts: 3,
    })),
  );
  assert.equal(Object.keys(await effectsOf(world.tables)).length, 50);
});

test("what a bad event emitted is never sent, what its neighbours emitted is", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver", limits: { setEvents: 1000 } });
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "good", "bad", "fine"));
  await receiver.start([
    reactTo({
      type: CauseSchema,
      handle: async (uow, events) => {
        for (const { payload } of events.filter(
          (event) => !event.payload.message.startsWith("r"),
        )) {
          const answer = { code: payload.code, message: `reply to ${payload.code}` };
          uow.emit({ type: CauseSchema, payload: answer, context: contextOf() });
          if (payload.code === "bad") {
            throw new Error("a bug");
          }
        }
      },
    }),
  ]);
  await waitFor(() => heldAre("DEAD", 1), { withinMs: 5000 });
  const listener = await world.outbox({ service: "listener" });
  await listener.start([recordEffects()]);
  await waitFor(async () => (await effectsOf(world.tables))["fine"] === 2, { withinMs: 3000 });
  assert.deepEqual(await effectsOf(world.tables), { bad: 1, fine: 2, good: 2 });
});

test("bytes that are no envelope are kept aside and block nobody", async () => {
  const receiver = await world.outbox({ service: "receiver" });
  const sender = await startSender();
  const garbage = Buffer.from("certainly no envelope \0\xff", "latin1");
  await publishRaw(garbage, "garbage");
  await receiver.start([recordEffects()]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "after"));
  await effectsAre(world, 1);
  const [held] = await waitFor(() => heldAre("DEAD", 1), { withinMs: 3000 });
  assert.equal(held?.reason, "UNDECODABLE");
  assert.equal(held?.consumer, "receiver-cause");
  assert.equal(held?.subject, subject);
  assert.deepEqual(held?.body, garbage);
  assert.equal(held?.headers["Nats-Msg-Id"], "garbage");
  const [copy] = await waitFor(deadLetterCopies, { withinMs: 3000 });
  assert.equal(copy?.subject, `dlq.receiver.${subject}`);
  assert.equal(copy?.headers["dead-letter-reason"], "UNDECODABLE");
  assert.deepEqual(copy?.body, garbage);
});

test("an envelope of another type is kept aside", async () => {
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([recordEffects()]);
  const body = encodeEnvelope({ id: uuidv7(), type: "a.v1.Stranger", source: "x", events: [] });
  await publishRaw(body);
  const [held] = await waitFor(() => heldAre("DEAD", 1), { withinMs: 3000 });
  assert.equal(held?.reason, "UNKNOWN_TYPE");
  assert.deepEqual(held?.body, body);
});

test("an event that cannot be decoded is kept aside, its neighbours are handled", async () => {
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([recordEffects()]);
  const id = uuidv7();
  const good = { payload: Buffer.from("\x0a\x04good", "latin1"), context: contextOf() };
  const events = [
    good,
    { payload: Buffer.from("\x0a\x7fcut off", "latin1"), context: contextOf() },
    { ...good, context: contextOf({ sagaId: "no saga id" }) },
    { ...good, context: contextOf({ sessionId: "nul \0" }) },
    good,
  ];
  await publishRaw(encodeEnvelope({ id, type: CauseSchema.typeName, source: "x", events }));
  await effectsAre(world, 2);
  const held = await waitFor(() => heldAre("DEAD", 3), { withinMs: 3000 });
  assert.deepEqual(held.map(({ event_id: eventId }) => eventId).toSorted(), [
    `${id}/1`,
    `${id}/2`,
    `${id}/3`,
  ]);
  assert.ok(held.every(({ reason }) => reason === "UNDECODABLE"));
});

test("a held event is tried again and handled when its trouble is over", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver" });
  const attempts: number[] = [];
  await receiver.start([
    recordEffects((events) => {
      const troubled = events.find(({ payload }) => payload.code === "troubled");
      if (troubled !== undefined && attempts.push(troubled.attempt) < 4) {
        throw new Error("not yet");
      }
    }),
  ]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "fine", "troubled"));
  await waitFor(async () => (await effectsOf(world.tables))["troubled"] === 1, { withinMs: 3000 });
  // The set, the event alone, and two tries of the held message.
  assert.deepEqual(attempts, [1, 1, 2, 3]);
  assert.equal((await heldAre("RESOLVED", 1))?.length, 1);
  assert.deepEqual(await effectsOf(world.tables), { fine: 1, troubled: 1 });
});

test("a conflict runs the set again at once", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver" });
  let conflicts = 2;
  await receiver.start([
    recordEffects(() => {
      if (conflicts-- > 0) {
        throw new AppError({ code: "CONFLICT", message: "somebody was first" });
      }
    }),
  ]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "x"));
  await effectsAre(world, 1);
  assert.equal(await heldAre("RESOLVED", 1), undefined);
});

test("a handler's transient error brings the set again, and holds the event that keeps failing", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver" });
  let sets = 0;
  await receiver.start([
    recordEffects((events) => {
      sets += events.length > 1 ? 1 : 0;
      if (codesOf(events).includes("away")) {
        throw new TransientError("the other side is away");
      }
    }),
  ]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "fine", "away"));
  await effectsAre(world, 1);
  const [held] = await waitFor(() => heldAre("DEAD", 1), { withinMs: 3000 });
  assert.equal(held?.error_code, "UNAVAILABLE");
  assert.equal(sets, 1);
});

test("an event that hangs holds up its neighbours only until it is found out", async () => {
  const sender = await startSender();
  const receiver = await world.outbox({ service: "receiver", limits: { workWithinMs: 300 } });
  await receiver.start([
    recordEffects(async (events) => {
      if (codesOf(events).includes("hanging")) {
        await new Promise(() => {});
      }
    }),
  ]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "a", "hanging", "b"));
  await effectsAre(world, 2);
  const [held] = await waitFor(() => heldAre("DEAD", 1), { withinMs: 8000 });
  assert.match(held?.error ?? "", /longer than 300 ms/);
});

test("while the database is away nothing is lost and no attempt is used up", async () => {
  const { hostname, port } = new URL(world.tables.url);
  assert.ok(hostname === "127.0.0.1" || hostname === "localhost");
  await using proxy = await startTcpProxy({ targetPort: Number(port) });
  const url = new URL(world.tables.url);
  url.port = String(proxy.port);
  await using database = await openTestDatabase(url.href);
  const sender = await startSender();
  const asked: string[] = [];
  const receiver = await world.outbox({
    service: "receiver",
    database,
    bus: watched(world.bus, asked),
  });
  let calls = 0;
  await receiver.start([
    recordEffects(() => {
      calls += 1;
    }),
  ]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "before"));
  await effectsAre(world, 1);
  proxy.cut();
  await emitOneByOne(sender, 20);
  const callsBefore = calls;
  // The consumer has run into the outage and waits for the database.
  await waitFor(() => asked.includes("pause"), { withinMs: 3000 });
  proxy.restore();
  await effectsAre(world, 21);
  assert.ok(calls - callsBefore <= 22, `${calls - callsBefore} calls`);
  const held = await world.tables.query("select * from held_message");
  assert.deepEqual(held, []);
  assert.deepEqual(asked, ["pause", "resume"]);
  await receiver.stop();
});

test("a stopped consumer gives back what it had not begun", async () => {
  const sender = await startSender();
  const first = await world.outbox({ service: "receiver", limits: { setEvents: 1 } });
  const isBegun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  await first.start([
    recordEffects(async () => {
      isBegun.resolve();
      await mayEnd.promise;
    }),
  ]);
  await emitOneByOne(sender, 5);
  await isBegun.promise;
  const stopping = first.stop();
  mayEnd.resolve();
  await stopping;
  assert.equal(Object.keys(await effectsOf(world.tables)).length, 1);
  const second = await world.outbox({ service: "receiver" });
  await second.start([recordEffects()]);
  await effectsAre(world, 5);
});

test("two processes share the work of one consumer", async () => {
  const sender = await startSender();
  const busy = new Set<number>();
  for (const index of [1, 2]) {
    const receiver = await world.outbox({ service: "receiver", limits: { setEvents: 1 } });
    await receiver.start([
      recordEffects(() => {
        busy.add(index);
      }),
    ]);
  }
  await emitOneByOne(sender, 40);
  await effectsAre(world, 40);
  assert.deepEqual(busy, new Set([1, 2]));
});

test("an envelope that was begun and never ended runs alone, and is forgotten when it ends", async () => {
  const ids = [uuidv7(), uuidv7(), uuidv7()];
  await begun(ids[1], 1);
  const sets: string[][] = [];
  await world.bus.ensureStream(stream);
  for (const [index, id] of ids.entries()) {
    await publishRaw(envelope(id, `n${index}`));
  }
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([
    recordEffects((events) => {
      sets.push(codesOf(events));
    }),
  ]);
  await effectsAre(world, 3);
  assert.deepEqual(sets, [["n0", "n2"], ["n1"]]);
  assert.deepEqual(await world.tables.query("select * from delivery_attempt"), []);
});

test("an envelope that was begun twice and never ended is taken apart", async () => {
  const [suspect, innocent] = [uuidv7(), uuidv7()];
  await begun(suspect, 2);
  await world.bus.ensureStream(stream);
  await publishRaw(envelope(suspect, "suspect"));
  await publishRaw(envelope(innocent, "innocent"));
  const receiver = await world.outbox({ service: "receiver" });
  await receiver.start([recordEffects()]);
  await effectsAre(world, 2);
  const [held] = await waitFor(() => heldAre("RESOLVED", 1), { withinMs: 3000 });
  assert.deepEqual(
    [held?.reason, held?.attempts, held?.event_id],
    ["REDELIVERED", 1, `${suspect}/0`],
  );
  assert.deepEqual(await world.tables.query("select * from delivery_attempt"), []);
});

test("tries are counted before they begin, while a process is new and when a delivery is repeated", async () => {
  const counted: number[] = [];
  let passedMs = 0;
  const clock = { now: () => new Date(systemClock.now().getTime() + passedMs) };
  const receiver = await world.outbox({ service: "receiver", clock });
  await receiver.start([
    recordEffects(async () => {
      const rows = await world.tables.query("select attempts from delivery_attempt");
      counted.push(rows.length);
      if (counted.length === 2) {
        throw new TransientError("comes again");
      }
    }),
  ]);
  await publishRaw(envelope(uuidv7(), "first"));
  await effectsAre(world, 1);
  passedMs = 3 * shortLimits.ackWaitMs;
  await publishRaw(envelope(uuidv7(), "second"));
  await effectsAre(world, 2);
  // New; not new any more, and given back on purpose; known to have been given back.
  assert.deepEqual(counted, [1, 0, 0]);
});

const stream = { name: "SAGA", subjects: ["saga.>"], maxAgeMs: 60_000, maxBytes: 10_000_000 };

/** As a process leaves it that dies while it handles the envelope. */
async function begun(envelopeId: string | undefined, attempts: number): Promise<void> {
  await world.tables.query("insert into delivery_attempt values ('receiver-cause', $1, $2)", [
    envelopeId,
    attempts,
  ]);
}

/** The bus, telling when its consumers pause and resume. */
function watched(bus: MessageBus, asked: string[]): MessageBus {
  return {
    ensureStream: bus.ensureStream,
    publish: bus.publish,
    streamIdentity: bus.streamIdentity,
    isConnected: bus.isConnected,
    subscribe: async (consumer, onDelivery) => {
      const subscription = await bus.subscribe(consumer, onDelivery);
      return {
        pause: () => {
          asked.push("pause");
          subscription.pause();
        },
        resume: () => {
          asked.push("resume");
          subscription.resume();
        },
        stop: subscription.stop,
        [Symbol.asyncDispose]: subscription.stop,
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Emits and publishes, and listens to nothing. */
async function startSender(): Promise<Outbox> {
  const sender = await world.outbox({ service: "saga" });
  await sender.start([]);
  return sender;
}

async function emitOneByOne(sender: Outbox, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await sender.unitsOfWork.run(async (uow) => emitCauses(uow, `n${index}`));
  }
  await published(count);
}

async function published(count: number): Promise<void> {
  await waitFor(
    async () => {
      const rows = await world.tables.query(
        "select id from outbox where published_at is not null and subject not like 'dlq.%'",
      );
      return rows.length >= count;
    },
    { withinMs: 5000, describe: `${count} published envelopes` },
  );
}

function envelope(id: string, code: string): Buffer {
  const payload = Buffer.concat([Buffer.of(0x0a, code.length), Buffer.from(code)]);
  const events = [{ payload, context: contextOf() }];
  return encodeEnvelope({ id, type: CauseSchema.typeName, source: "test", events });
}

async function publishRaw(body: Buffer, messageId = uuidv7()): Promise<void> {
  const row = { id: uuidv7(), subject, type: CauseSchema.typeName, body };
  const headers = cloudEventHeaders(row, "test");
  await world.bus.publish({ id: messageId, subject, data: body, headers });
}

function codesOf(events: readonly IncomingEvent<typeof CauseSchema>[]): string[] {
  return events.map(({ payload }) => payload.code);
}

async function effectsAre({ tables }: World, count: number): Promise<void> {
  const sum = async () => Object.values(await effectsOf(tables)).reduce((a, b) => a + b, 0);
  await waitFor(async () => (await sum()) >= count, {
    withinMs: 8000,
    describe: `${count} effects`,
  });
  assert.equal(await sum(), count);
}

type Held = {
  readonly consumer: string;
  readonly subject: string;
  readonly event_id: string;
  readonly reason: string;
  readonly error_code: string;
  readonly error: string;
  readonly attempts: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
};

/** As many held messages of this status as expected; undefined otherwise. */
async function heldAre(status: string, count: number): Promise<readonly Held[] | undefined> {
  const rows = await world.tables.query<Held>(
    "select * from held_message where status = $1 order by id",
    [status],
  );
  return rows.length === count ? rows : undefined;
}

type Copy = Pick<Held, "subject" | "headers" | "body">;

async function deadLetterCopies(): Promise<readonly Copy[] | undefined> {
  const rows = await world.tables.query<Copy>(
    "select subject, headers, body from outbox where stream = 'DLQ' and published_at is not null",
  );
  return rows.length > 0 ? rows : undefined;
}
