import assert from "node:assert/strict";
import { after, test } from "node:test";

import { fromBinary } from "@bufbuild/protobuf";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { readConfig } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { createRpcClient } from "@ordersaga/rpc";
import { silentLogger as log } from "@ordersaga/telemetry";
import { createTestDatabase, testNats, waitFor } from "@ordersaga/testkit";

import { startApp } from "./app.ts";
import { settings } from "./config.ts";
import { entities, migrations } from "./persistence/index.ts";
import { newSagaId } from "./testing/inventory-under-test.ts";
import { orderCreatedMessage } from "./testing/order-created.ts";

const opened = new AsyncDisposableStack();
after(() => opened.disposeAsync());
const database = opened.use(await createTestDatabase({ name: "inventory", entities, migrations }));
const { servers, prefix } = opened.use(await testNats());
const environment = {
  PORT: "0",
  DATABASE_URL: database.url,
  NATS_URL: servers,
  NATS_PREFIX: prefix,
  CONSUMER_SET_EVENTS: "20",
};

test("two instances that share a flash sale reserve exactly what there is", async () => {
  const config = readConfig(settings, environment);
  const apps = await Promise.all([startApp(config, { log }), startApp(config, { log })]);
  await using bus = await connectJetStream({ servers, name: "test", prefix, log });
  const baseUrl = `http://127.0.0.1:${apps[0].port}`;
  using client = createRpcClient(InventoryService, { baseUrl, timeoutMs: 10_000 });
  const sessionId = "flash-sale";
  const unitPrice = { currencyCode: "EUR", minorUnits: 100n };
  const products = [{ id: "hot", name: "Hot", unitPrice, available: 70n }];
  await client.seedProducts({ products }, { sessionId });

  const sagas = Array.from({ length: 400 }, newSagaId);
  const sayAll = async (): Promise<void> => {
    for (let from = 0; from < sagas.length; from += 10) {
      const sagaIds = sagas.slice(from, from + 10);
      await bus.publish(orderCreatedMessage({ sessionId, productId: "hot", sagaIds }));
    }
  };
  // Said twice, as recovery would: each saga is decided once and answered twice.
  await Promise.all([sayAll(), sayAll()]);
  let counted: readonly number[] = [];
  await waitFor(async () => (counted = await answers()).join() === "140,660", {
    withinMs: 20_000,
    describe: () => `140 reserved and 660 refused; there are ${counted.join()}`,
  });

  const stats = await client.getStats({}, { sessionId });
  assert.deepEqual([stats.products?.available, stats.products?.reserved], [0n, 70n]);
  assert.deepEqual([stats.reservations?.pending, stats.reservations?.total], [70n, 400n]);
  await Promise.all(apps.map((app) => app.stop()));
});

test("an instance that is told to stop while it waits for its servers gives up", async () => {
  const nowhere = readConfig(settings, { ...environment, NATS_URL: "nats://127.0.0.1:1" });
  const stopping = new AbortController();
  const starting = startApp(nowhere, { log, signal: stopping.signal });
  setImmediate(() => stopping.abort());
  await assert.rejects(starting);
});

/** How many times sagas were told that they have their stock, and that they have not. */
async function answers(): Promise<readonly number[]> {
  return [await answersOf("inventory-reserved"), await answersOf("inventory-insufficient")];
}

/** How many answers of one type are in the outbox: events, not envelopes. */
async function answersOf(event: string): Promise<number> {
  const rows = await database.query<{ body: Buffer }>(
    "select body from outbox where subject = $1",
    [`inventory.event.v1.${event}`],
  );
  return rows.reduce((sum, { body }) => sum + fromBinary(EnvelopeSchema, body).events.length, 0);
}
