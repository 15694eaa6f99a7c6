import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { connectJetStream, type MessageBus } from "@ordersaga/messaging";
import { silentLogger } from "@ordersaga/telemetry";
import { testNats, type TestNats, waitFor } from "@ordersaga/testkit";

import { createWorld, effectsOf, emitCauses, recordEffects, type World } from "./testing/world.ts";

let nats: TestNats;
let bus: MessageBus;
let world: World;
let prefix: string;
let round = 0;

before(async () => {
  nats = await testNats();
});

after(() => nats[Symbol.asyncDispose]());

beforeEach(async () => {
  world = await createWorld("outbox_killed");
  prefix = `${nats.prefix}r${round++}`;
  bus = await connectJetStream({ servers: nats.servers, prefix, name: "test", log: silentLogger });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
});

const emits = ["a", "b", "c", "d"];

for (const failpoint of [
  "uow.before-commit=kill@2",
  "uow.after-commit=kill@2",
  "relay.before-publish=kill@2",
  "relay.after-publish=kill@2",
  "relay.after-mark=kill",
]) {
  test(`a sender killed at ${failpoint} loses nothing it committed`, async () => {
    await dies({ SERVICE: "saga", EMITS: emits.join(","), FAILPOINTS: failpoint });
    const committed = await world.tables.query("select id from outbox");
    assert.ok(committed.length > 0);
    const other = await world.outbox({ bus, service: "other" });
    await other.start([recordEffects()]);
    await waitFor(
      async () => Object.keys(await effectsOf(world.tables)).length === committed.length,
      { withinMs: 10_000, describe: `${committed.length} effects` },
    );
    const expected = Object.fromEntries(emits.slice(0, committed.length).map((code) => [code, 1]));
    assert.deepEqual(await effectsOf(world.tables), expected);
    await other.stop();
  });
}

for (const failpoint of [
  "consumer.before-handler",
  "consumer.after-commit",
  "consumer.after-ack",
  "uow.before-commit",
]) {
  test(`a listener killed at ${failpoint} has handled each event once in the end`, async () => {
    const sender = await world.outbox({ bus });
    await sender.start([]);
    for (const code of emits) {
      await sender.unitsOfWork.run(async (uow) => {
        emitCauses(uow, code);
      });
    }
    await dies({ SERVICE: "listener", LISTENS: "true", FAILPOINTS: `${failpoint}=kill` });
    const next = await world.outbox({ bus, service: "listener" });
    await next.start([recordEffects()]);
    await waitFor(async () => Object.keys(await effectsOf(world.tables)).length === emits.length, {
      withinMs: 10_000,
    });
    assert.deepEqual(await effectsOf(world.tables), { a: 1, b: 1, c: 1, d: 1 });
    await next.stop();
    await sender.stop();
  });
}

test("an event that kills its process every time becomes a dead letter, its neighbours do not", async () => {
  const sender = await world.outbox({ bus });
  await sender.start([]);
  await sender.unitsOfWork.run(async (uow) => emitCauses(uow, "a", "killer", "b"));
  let deaths = 0;
  while ((await world.tables.query("select 1 from held_message")).length < 3) {
    await dies({ SERVICE: "listener", LISTENS: "true" });
    deaths += 1;
    assert.ok(deaths < 10);
  }
  for (;;) {
    const status = await world.tables.query<{ status: string }>(
      "select status from held_message where kills > 0",
    );
    if (status[0]?.status === "DEAD") {
      break;
    }
    const isDead = await diesOrConcludes();
    deaths += isDead ? 1 : 0;
    assert.ok(deaths < 12);
  }
  const held = await world.tables.query<{ status: string; reason: string }>(
    "select status, reason from held_message order by status",
  );
  assert.deepEqual(held, [
    { status: "DEAD", reason: "KILLED_PROCESS" },
    { status: "RESOLVED", reason: "REDELIVERED" },
    { status: "RESOLVED", reason: "REDELIVERED" },
  ]);
  assert.deepEqual(await effectsOf(world.tables), { a: 1, b: 1 });
  await sender.stop();
});

type Environment = Readonly<Record<string, string>>;

function start(environment: Environment) {
  return spawn(process.execPath, [new URL("testing/process.ts", import.meta.url).pathname], {
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: world.tables.url,
      NATS_URL: nats.servers,
      NATS_PREFIX: prefix,
      ...environment,
    },
    stdio: ["ignore", "ignore", "inherit"],
    timeout: 20_000,
    killSignal: "SIGTERM",
  });
}

/** Runs a process until SIGKILL ends it. */
async function dies(environment: Environment): Promise<void> {
  const [, signal] = await once(start(environment), "exit");
  assert.equal(signal, "SIGKILL");
}

/** Runs a listener until it is killed, or has written the killer's verdict. */
async function diesOrConcludes(): Promise<boolean> {
  const child = start({ SERVICE: "listener", LISTENS: "true" });
  const exit = once(child, "exit").then(() => true);
  const verdict = waitFor(
    async () =>
      (await world.tables.query("select 1 from held_message where reason = 'KILLED_PROCESS'"))
        .length > 0,
    { withinMs: 15_000 },
  ).then(
    () => false,
    () => false,
  );
  const isDead = await Promise.race([exit, verdict]);
  child.kill("SIGTERM");
  await exit;
  return isDead;
}
