import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { type Clock, timeOfUuidv7, uuidv7 } from "@ordersaga/kernel";
import { silentLogger } from "@ordersaga/telemetry";

import { createWorld, emitCauses, type World } from "../testing/world.ts";
import { maintainPartitions } from "./partitions.ts";
import { firstUuidAt } from "./uuid-time.ts";

let world: World;

before(async () => {
  world = await createWorld("outbox_partitions");
});

after(() => world[Symbol.asyncDispose]());

const hourMs = 3_600_000;
const start = Math.floor(Date.now() / hourMs) * hourMs;

test("the first UUID of a millisecond is the smallest of it", () => {
  const clock: Clock = { now: () => new Date(1_234_567_890_123) };
  assert.ok(firstUuidAt(1_234_567_890_123) < uuidv7(clock));
  assert.ok(firstUuidAt(1_234_567_890_124) > uuidv7(clock));
  assert.equal(timeOfUuidv7(uuidv7(clock)), 1_234_567_890_123);
});

test("rows written before their partition was made move into it", async () => {
  const outbox = await world.outbox();
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "early"));
  assert.equal(await countOf("outbox_default"), 1);
  await maintain(Date.now());
  assert.equal(await countOf("outbox_default"), 0);
  assert.equal(await countOf("outbox"), 1);
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "later"));
  assert.equal(await countOf("outbox_default"), 0);
  assert.equal(await countOf("outbox where published_at is null"), 2);
});

test("partitions are made ahead, once", async () => {
  await maintain(Date.now());
  const made = await partitions();
  await maintain(Date.now());
  assert.deepEqual(await partitions(), made);
  const last = `outbox_p${start + 3 * hourMs}_${start + 4 * hourMs}`;
  assert.ok(made.includes(last) || made.length > 4, made.join(" "));
});

test("partitions whose time is over are dropped, and what they held", async () => {
  await world.tables.query("truncate outbox");
  const old = Date.now() - 30 * hourMs;
  await maintain(old);
  await insertAt(old);
  await insertAt(Date.now() - 2 * hourMs);
  await insertAt(Date.now());
  await maintain(Date.now());
  assert.equal(await countOf("outbox"), 2);
  assert.ok((await partitions()).every((name) => Number(/_p([0-9]+)/.exec(name)?.[1]) > old));
});

test("rows of no partition go when they are too old", async () => {
  await world.tables.query("truncate outbox");
  await insertAt(Date.now() - 100 * hourMs);
  await insertAt(Date.now() - 10 * hourMs);
  assert.equal(await countOf("outbox_default"), 2);
  await maintain(Date.now());
  assert.equal(await countOf("outbox_default"), 1);
});

test("a table that is in use is left for the next time, and nobody waits", async () => {
  const old = Date.now() - 60 * hourMs;
  await maintain(old);
  const client = await world.database.pool.connect();
  try {
    await client.query("begin");
    await client.query("select * from outbox");
    await maintain(Date.now());
    assert.ok((await partitions()).some((name) => name.includes(String(old).slice(0, 5))));
  } finally {
    await client.query("rollback");
    client.release();
  }
  await maintain(Date.now());
  assert.ok((await partitions()).every((name) => Number(/_p([0-9]+)/.exec(name)?.[1]) > old));
});

async function maintain(now: number): Promise<void> {
  await maintainPartitions({
    database: world.database,
    tables: [{ table: "outbox", column: "id", retentionMs: 25 * hourMs }],
    partitionMs: hourMs,
    clock: { now: () => new Date(now) },
    log: silentLogger,
  });
}

async function insertAt(time: number): Promise<void> {
  await world.tables.query(
    `insert into outbox (id, subject, stream, type, body) values ($1, 's.t', 'S', 't', '')`,
    [uuidv7({ now: () => new Date(time) })],
  );
}

async function countOf(from: string): Promise<number> {
  const [row] = await world.tables.query<{ count: number }>(`select count(*)::int from ${from}`);
  return row?.count ?? -1;
}

async function partitions(): Promise<string[]> {
  const rows = await world.tables.query<{ name: string }>(
    `select relname as name from pg_class
     where relname like 'outbox_p%' and relkind = 'r' order by 1`,
  );
  return rows.map(({ name }) => name).filter((name) => /_p[0-9]/.test(name));
}
