import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { createRpcClient } from "@ordersaga/rpc";
import { createTestDatabase, type TestDatabase, testNats, type TestNats } from "@ordersaga/testkit";

import { entities, migrations } from "./persistence/index.ts";
import { startTestInventory, type TestInventory } from "./testing/test-inventory.ts";
import { orderOf, refusalOf } from "./testing/test-world.ts";

test("a bad configuration is refused with all its mistakes at once", async () => {
  await using service = startProcess({
    DATABASE_URL: "",
    PORT: "none",
    SAGA_COORDINATION: "chaos",
    FAILPOINTS: "",
  });
  assert.equal(await service.exitCode, 1);
  for (const name of ["DATABASE_URL", "PORT", "SAGA_COORDINATION"]) {
    assert.ok(service.errors().includes(name), service.errors());
  }
});

test("the process serves until it is told to stop, and ends by itself", async () => {
  await using world = await createServers();
  await using service = startProcess(world.environment);
  using client = await service.client();
  const { order } = await client.createOrder(orderOf(), session);
  const watching = client.watchOrder({ orderId: order?.id ?? "" }, session)[Symbol.asyncIterator]();
  await watching.next();
  service.kill("SIGTERM");
  await assert.rejects(watching.next(), /stopping/);
  assert.equal(await service.exitCode, 0);
});

test("a process killed before the transaction leaves nothing behind", async () => {
  await using world = await createServers();
  await using service = startProcess({
    ...world.environment,
    FAILPOINTS: "order.before-create=kill",
  });
  using client = await service.client();
  const refusal = await refusalOf(client.createOrder(orderOf({ requestId: "key" }), session));
  assert.equal(refusal.code, "UNAVAILABLE");
  await service.exitCode;
  assert.deepEqual(await world.orderIds(), []);
});

test("a process killed after the commit has accepted the order: the key finds it", async () => {
  await using world = await createServers();
  await using service = startProcess({
    ...world.environment,
    FAILPOINTS: "order.after-create=kill",
  });
  using client = await service.client();
  await refusalOf(client.createOrder(orderOf({ requestId: "key" }), session));
  await service.exitCode;
  await using restarted = startProcess(world.environment);
  using again = await restarted.client();
  const { order } = await again.createOrder(orderOf({ requestId: "key" }), session);
  assert.deepEqual(await world.orderIds(), [order?.id]);
});

const session = { sessionId: "processes" };

type Servers = AsyncDisposable & {
  readonly environment: Readonly<Record<string, string>>;
  readonly orderIds: () => Promise<readonly string[]>;
};

async function createServers(): Promise<Servers> {
  await using opening = new AsyncDisposableStack();
  const tables: TestDatabase = opening.use(
    await createTestDatabase({ name: "order", entities, migrations }),
  );
  const nats: TestNats = opening.use(await testNats());
  const inventory: TestInventory = opening.use(await startTestInventory());
  const opened = opening.move();
  return {
    environment: {
      PORT: "0",
      DATABASE_URL: tables.url,
      NATS_URL: nats.servers,
      NATS_PREFIX: nats.prefix,
      INVENTORY_URL: inventory.url,
      CHECK_STOCK_WITHIN_MS: "5000",
    },
    orderIds: async () =>
      (await tables.query<{ readonly id: string }>("SELECT id FROM orders")).map(({ id }) => id),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The service as its own process, which is killed at the latest when the test is over. */
function startProcess(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exitCode = once(child, "exit").then(([code]) => code as number | null);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const port = portOf(createInterface({ input: child.stdout }));
  return {
    exitCode,
    errors: () => errors,
    kill: (signal: "SIGTERM") => child.kill(signal),
    client: async () =>
      createRpcClient(OrderService, {
        baseUrl: `http://127.0.0.1:${await Promise.race([port, exitCode.then(endedEarly)])}`,
        timeoutMs: 10_000,
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exitCode;
    },
  };

  function endedEarly(): never {
    throw new Error(`the process has ended: ${errors}`);
  }
}

/** The service says its port once it serves; what it says afterwards is read and forgotten. */
async function portOf(lines: AsyncIterable<string>): Promise<number> {
  const found = Promise.withResolvers<number>();
  void (async () => {
    for await (const line of lines) {
      const { port } = JSON.parse(line) as { readonly port?: number };
      if (port !== undefined) {
        found.resolve(port);
      }
    }
  })();
  return await found.promise;
}
