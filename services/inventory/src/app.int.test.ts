import assert from "node:assert/strict";
import { after, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { readConfig, uuidv7 } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { subjectOf } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { createRpcClient } from "@ordersaga/rpc";
import { silentLogger as log } from "@ordersaga/telemetry";
import { createTestDatabase, testNats, waitFor } from "@ordersaga/testkit";

import { startApp } from "./app.ts";
import { settings } from "./config.ts";
import { newSagaId } from "./inventory-under-test.ts";
import { entities, migrations } from "./persistence/index.ts";

const opened = new AsyncDisposableStack();
after(() => opened.disposeAsync());
const database = opened.use(await createTestDatabase({ name: "inventory", entities, migrations }));
const nats = opened.use(await testNats());
const config = readConfig(settings, {
  PORT: "0",
  DATABASE_URL: database.url,
  NATS_URL: nats.servers,
  NATS_PREFIX: nats.prefix,
  CONSUMER_SET_EVENTS: "20",
});

test("two instances that share a flash sale reserve exactly what there is", async () => {
  const apps = await Promise.all([startApp(config, { log }), startApp(config, { log })]);
  await using bus = await connectJetStream({
    servers: nats.servers,
    name: "test",
    prefix: nats.prefix,
    log,
  });
  using client = createRpcClient(InventoryService, {
    baseUrl: `http://127.0.0.1:${apps[0].port}`,
    timeoutMs: 10_000,
  });
  const session = { sessionId: "flash-sale" };
  const unitPrice = { currencyCode: "EUR", minorUnits: 100n };
  await client.seedProducts(
    { products: [{ id: "hot", name: "Hot", unitPrice, available: 70n }] },
    session,
  );

  const sagas = Array.from({ length: 400 }, newSagaId);
  const saySagas = async () => {
    for (let from = 0; from < sagas.length; from += 10) {
      const { id, data } = envelopeOf(sagas.slice(from, from + 10));
      await bus.publish({ id, subject: subjectOf(OrderCreatedSchema), data, headers: {} });
    }
  };
  // Said twice, as recovery would: each saga is decided once and answered twice.
  await Promise.all([saySagas(), saySagas()]);
  await waitFor(async () => (await answersOf("inventory-reserved")) === 140, { withinMs: 20_000 });
  await waitFor(async () => (await answersOf("inventory-insufficient")) === 660, {
    withinMs: 20_000,
  });

  const { products, reservations } = await client.getStats({}, session);
  assert.deepEqual([products?.available, products?.reserved], [0n, 70n]);
  assert.deepEqual([reservations?.pending, reservations?.total], [70n, 400n]);
  await Promise.all(apps.map((app) => app.stop()));
});

test("an instance that is told to stop while it waits for its servers gives up", async () => {
  const nowhere = readConfig(settings, {
    PORT: "0",
    DATABASE_URL: database.url,
    NATS_URL: "nats://127.0.0.1:1",
  });
  const stopping = new AbortController();
  const starting = startApp(nowhere, { log, signal: stopping.signal });
  setImmediate(() => stopping.abort());
  await assert.rejects(starting);
});

/** How many answers of one type are in the outbox: events, not envelopes. */
async function answersOf(subject: string): Promise<number> {
  const rows = await database.query<{ body: Buffer }>(
    "select body from outbox where subject = $1",
    [`inventory.event.v1.${subject}`],
  );
  return rows.reduce((sum, { body }) => sum + fromBinary(EnvelopeSchema, body).events.length, 0);
}

function envelopeOf(sagaIds: readonly string[]) {
  const id = uuidv7();
  const unitPrice = { currencyCode: "EUR", minorUnits: 100n };
  const envelope = create(EnvelopeSchema, {
    id,
    type: OrderCreatedSchema.typeName,
    source: "order",
    events: sagaIds.map((sagaId, index) => ({
      id: `${id}/${index}`,
      sagaId,
      sessionId: "flash-sale",
      definitionVersion: placeOrder.version,
      coordination: Coordination.CHOREOGRAPHY,
      payload: toBinary(
        OrderCreatedSchema,
        create(OrderCreatedSchema, {
          orderId: sagaId,
          userId: "user",
          lines: [{ productId: "hot", quantity: 1, unitPrice }],
          total: unitPrice,
          paymentToken: "tok_ok",
        }),
      ),
    })),
  });
  return { id, data: toBinary(EnvelopeSchema, envelope) };
}
