import assert from "node:assert/strict";
import { after, test } from "node:test";

import { fromBinary } from "@bufbuild/protobuf";
import { EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { connectJetStream } from "@ordersaga/messaging";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, testNats, waitFor } from "@ordersaga/testkit";

import { entities, migrations } from "./persistence/index.ts";
import { startInventoryProcess } from "./testing/inventory-process.ts";
import { newSagaId } from "./testing/inventory-under-test.ts";
import { orderCreatedMessage } from "./testing/order-created.ts";

const opened = new AsyncDisposableStack();
after(() => opened.disposeAsync());
const database = opened.use(await createTestDatabase({ name: "inventory", entities, migrations }));
const { servers, prefix } = opened.use(await testNats());
const bus = opened.use(
  await connectJetStream({ servers, prefix, name: "test", log: silentLogger }),
);
const environment = {
  PORT: "0",
  DATABASE_URL: database.url,
  NATS_URL: servers,
  NATS_PREFIX: prefix,
  // What a killed process was working on is soon given to the next one.
  CONSUMER_ACK_WAIT_MS: "500",
  OUTBOX_SWEEP_EVERY_MS: "50",
  OUTBOX_SWEEP_AFTER_MS: "100",
};

test("a bad configuration is refused with all its mistakes at once", async () => {
  await using inventory = startInventoryProcess({ PORT: "none", FAILPOINTS: "" });
  assert.equal(await inventory.ended, 1);
  const errors = await inventory.errors;
  assert.match(errors, /PORT="none"/);
  assert.match(errors, /DATABASE_URL is required/);
});

test("the process serves until it is told to stop, and ends by itself", async () => {
  await using inventory = startInventoryProcess(environment);
  assert.ok((await inventory.port) > 0);
  inventory.signal("SIGTERM");
  assert.equal(await inventory.ended, 0);
});

for (const place of ["uow.before-commit", "uow.after-commit", "consumer.after-commit"]) {
  test(`killed at ${place}, it reserves each order once and tells of it`, async () => {
    const sessionId = place;
    await database.query(
      `insert into product (session_id, id, name, price_minor, currency, available)
       values ($1, 'laptop', 'Laptop', 100, 'EUR', 15)`,
      [sessionId],
    );
    const sagaIds = Array.from({ length: 20 }, newSagaId);
    await using dying = startInventoryProcess({ ...environment, FAILPOINTS: `${place}=kill` });
    await dying.port;
    await bus.publish(orderCreatedMessage({ sessionId, productId: "laptop", sagaIds }));
    assert.equal(await dying.ended, "SIGKILL");

    await using inventory = startInventoryProcess(environment);
    await waitFor(async () => (await toldIn(sessionId)).size === 20, {
      withinMs: 20_000,
      describe: "every saga to be told",
    });
    const [level] = await database.query(
      "select available::int, reserved::int from product where session_id = $1",
      [sessionId],
    );
    assert.deepEqual(level, { available: 0, reserved: 15 });
    const told = [...(await toldIn(sessionId)).values()];
    assert.equal(told.filter((type) => type.endsWith("InventoryReserved")).length, 15);
    inventory.signal("SIGTERM");
    assert.equal(await inventory.ended, 0);
  });
}

/** The published answer to each saga of one session, by saga id. */
async function toldIn(sessionId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ body: Buffer }>(
    "select body from outbox where published_at is not null",
  );
  return new Map(
    rows
      .map(({ body }) => fromBinary(EnvelopeSchema, body))
      .flatMap(({ type, events }) => events.map((event) => ({ type, event })))
      .filter(({ event }) => event.sessionId === sessionId)
      .map(({ type, event }) => [event.sagaId, type]),
  );
}
