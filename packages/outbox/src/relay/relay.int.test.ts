import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { TransientError } from "@ordersaga/kernel";
import type { MessageBus } from "@ordersaga/messaging";
import { waitFor } from "@ordersaga/testkit";

import type { Outbox } from "../outbox.ts";
import { createWorld, effectsOf, emitCauses, recordEffects, type World } from "../testing/world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld("outbox_relay");
});

afterEach(() => world[Symbol.asyncDispose]());

test("what a process committed and never published is published by another", async () => {
  // Its relay was never started: as if it had died right after the commits.
  const dead = await world.outbox({ bus: unreachable(world.bus) });
  await emit(dead, 30);
  assert.equal(await unpublished(), 30);
  const other = await world.outbox({ service: "other" });
  await other.start([recordEffects()]);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  await everyEffectOnce(30);
});

test("two relays at once publish each envelope once", async () => {
  const dead = await world.outbox({ bus: unreachable(world.bus) });
  await emit(dead, 200);
  const counted = counting(world.bus);
  const relays = await Promise.all(
    ["one", "two"].map((service) =>
      world.outbox({ service, bus: counted.bus, limits: { sweepRows: 7 } }),
    ),
  );
  await Promise.all(relays.map((relay) => relay.start([])));
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 8000 });
  assert.equal(counted.published.size, 200);
  assert.deepEqual(new Set(counted.published.values()), new Set([1]));
});

test("what waits for its acknowledgement is not swept up meanwhile", async () => {
  const slow: MessageBus = {
    ...busOf(world.bus),
    publish: async (message) => {
      const ack = await world.bus.publish(message);
      await sleep(1000);
      return ack;
    },
  };
  const counted = counting(slow);
  const outbox = await world.outbox({
    bus: counted.bus,
    limits: { sweepAfterMs: 400, sweepEveryMs: 10 },
  });
  await outbox.start([]);
  await emit(outbox, 50);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  assert.deepEqual(new Set(counted.published.values()), new Set([1]));
});

test("while the broker is away rows stay, and go out when it is back", async () => {
  const outbox = await world.outbox();
  await outbox.start([recordEffects()]);
  world.bus.setConnected(false);
  await emit(outbox, 50);
  assert.equal(await unpublished(), 50);
  world.bus.setConnected(true);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  await everyEffectOnce(50);
});

test("a publication that fails is repeated by the sweep", async () => {
  let failures = 20;
  const failing: MessageBus = {
    ...busOf(world.bus),
    publish: async (message) => {
      if (failures-- > 0) {
        throw new TransientError("no acknowledgement");
      }
      return await world.bus.publish(message);
    },
  };
  const outbox = await world.outbox({ bus: failing });
  await outbox.start([recordEffects()]);
  await emit(outbox, 30);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  await everyEffectOnce(30);
});

test("what memory has no room for is left to the sweep", async () => {
  const outbox = await world.outbox({ limits: { hotBytes: 400, sweepAfterMs: 500 } });
  await outbox.start([recordEffects()]);
  const counted = await world.outbox({ limits: { hotBytes: 0 } });
  await emit(counted, 10);
  assert.equal(await unpublished(), 10);
  await emit(outbox, 20);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  await everyEffectOnce(10, 20);
});

test("a stream that was made anew gets everything again, and nothing happens twice", async () => {
  const outbox = await world.outbox();
  await outbox.start([recordEffects()]);
  await emit(outbox, 40);
  await everyEffectOnce(40);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 3000 });
  const sequences = await publishedInto();
  world.bus.wipe();
  await waitFor(
    async () => {
      const now = await publishedInto();
      return now.count === 40 && now.incarnation !== sequences.incarnation;
    },
    { withinMs: 5000, describe: "all envelopes to be published again" },
  );
  await emit(outbox, 1, "after");
  await waitFor(async () => (await effectsOf(world.tables))["after0"], { withinMs: 3000 });
  await everyEffectOnce(40, 1, "after");
  // A listener that comes later finds all of them in the new stream.
  await world.tables.query("truncate effect");
  const late = await world.outbox({ service: "late" });
  await late.start([recordEffects()]);
  await waitFor(async () => Object.keys(await effectsOf(world.tables)).length === 41, {
    withinMs: 5000,
  });
});

test("a stream that was made anew while nobody looked is noticed at the start", async () => {
  const first = await world.outbox();
  await first.start([]);
  await emit(first, 10);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 3000 });
  await first.stop();
  world.bus.wipe();
  const second = await world.outbox();
  await second.start([recordEffects()]);
  await waitFor(async () => Object.keys(await effectsOf(world.tables)).length === 10, {
    withinMs: 5000,
  });
});

test("a stream that lost its newest messages gets everything again", async () => {
  let lost = 0;
  const forgetful: MessageBus = {
    ...busOf(world.bus),
    streamIdentity: async (stream) => {
      const identity = await world.bus.streamIdentity(stream);
      return identity && { ...identity, lastSequence: identity.lastSequence - lost };
    },
  };
  const outbox = await world.outbox({ bus: forgetful });
  await outbox.start([]);
  await emit(outbox, 10);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 3000 });
  const { incarnation } = await publishedInto();
  lost = 5;
  await waitFor(async () => (await publishedInto()).incarnation !== incarnation, {
    withinMs: 5000,
    describe: "a new life of the stream",
  });
  await waitFor(async () => (await publishedInto()).count === 10, { withinMs: 5000 });
});

test("a stream that only grew is left alone", async () => {
  const counted = counting(world.bus);
  const outbox = await world.outbox({ bus: counted.bus, limits: { streamCheckEveryMs: 2 } });
  await outbox.start([]);
  await emit(outbox, 300);
  await waitFor(async () => (await unpublished()) === 0, { withinMs: 5000 });
  assert.deepEqual(new Set(counted.published.values()), new Set([1]));
});

test("what is published says what it is in CloudEvents headers", async () => {
  const seen: Record<string, string>[] = [];
  const bus: MessageBus = {
    ...busOf(world.bus),
    publish: async (message) => {
      seen.push({ id: message.id, ...message.headers });
      return await world.bus.publish(message);
    },
  };
  const outbox = await world.outbox({ bus });
  await outbox.start([]);
  await emit(outbox, 1);
  const headers = await waitFor(() => seen[0], { withinMs: 2000 });
  assert.equal(headers["ce-id"], headers["id"]);
  assert.equal(headers["ce-type"], "saga.v1.Cause");
  assert.equal(headers["ce-source"], "saga");
  assert.equal(headers["ce-specversion"], "1.0");
  assert.match(headers["ce-time"] ?? "", /^20.*Z$/);
});

test("stopping waits for what is in flight", async () => {
  const slow: MessageBus = {
    ...busOf(world.bus),
    publish: async (message) => {
      await new Promise((resolve) => setImmediate(resolve));
      return await world.bus.publish(message);
    },
  };
  const outbox = await world.outbox({ bus: slow, limits: { inFlight: 3 } });
  await outbox.start([]);
  await outbox.unitsOfWork.run(async (uow) => {
    emitCauses(uow, ...Array.from({ length: 5000 }, () => "x"));
  });
  await outbox.stop();
  assert.equal(await unpublished(), 0);
});

async function emit(outbox: Outbox, count: number, name = "n"): Promise<void> {
  const codes = Array.from({ length: count }, (_event, index) => `${name}${index}`);
  await Promise.all(
    codes.map((code) => outbox.unitsOfWork.run(async (uow) => emitCauses(uow, code))),
  );
}

async function unpublished(): Promise<number> {
  const [row] = await world.tables.query<{ count: number }>(
    "select count(*)::int from outbox where published_at is null",
  );
  return row?.count ?? -1;
}

async function publishedInto(): Promise<{ count: number; incarnation: string }> {
  const [row] = await world.tables.query<{ count: number; incarnation: string }>(
    `select count(*)::int, coalesce(max(o.incarnation), '') as incarnation from outbox o
     join stream_state s on s.stream = o.stream and s.incarnation = o.incarnation`,
  );
  return row ?? { count: 0, incarnation: "" };
}

/** The first group is named n0, n1, …, whoever emitted it; the second may have the same names. */
async function everyEffectOnce(first: number, second = 0, name = "n"): Promise<void> {
  const expected: Record<string, number> = {};
  for (const [count, prefix] of [
    [first, "n"],
    [second, name],
  ] as const) {
    for (let index = 0; index < count; index += 1) {
      const code = `${prefix}${index}`;
      expected[code] = (expected[code] ?? 0) + 1;
    }
  }
  await waitFor(async () => sum(await effectsOf(world.tables)) >= sum(expected), {
    withinMs: 5000,
    describe: `${sum(expected)} effects`,
  });
  assert.deepEqual(await effectsOf(world.tables), expected);
}

function sum(effects: Readonly<Record<string, number>>): number {
  return Object.values(effects).reduce((a, b) => a + b, 0);
}

/** The bus as plain functions, to replace some. */
function busOf(bus: MessageBus): MessageBus {
  return {
    ensureStream: bus.ensureStream,
    publish: bus.publish,
    subscribe: bus.subscribe,
    streamIdentity: bus.streamIdentity,
    isConnected: bus.isConnected,
    [Symbol.asyncDispose]: async () => {},
  };
}

function unreachable(bus: MessageBus): MessageBus {
  return { ...busOf(bus), isConnected: () => false };
}

function counting(bus: MessageBus): {
  readonly bus: MessageBus;
  readonly published: ReadonlyMap<string, number>;
} {
  const published = new Map<string, number>();
  const publish: MessageBus["publish"] = async (message) => {
    published.set(message.id, (published.get(message.id) ?? 0) + 1);
    return await bus.publish(message);
  };
  return { bus: { ...busOf(bus), publish }, published };
}
