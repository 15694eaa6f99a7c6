import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Health } from "@ordersaga/gen/grpc/health/v1/health";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { AppError } from "@ordersaga/kernel";

import { createRpcClient } from "./client.ts";
import { fakeInventory } from "./testing/fake-inventory.ts";
import { fakeProvider } from "./testing/fake-provider.ts";
import { rawSocket } from "./testing/raw-socket.ts";
import { startedServer } from "./testing/started-server.ts";

const laptop = { productId: "laptop" };
const s1 = { sessionId: "s1" };

describe("A server that stops", () => {
  test("lets running calls finish and takes no new ones", async () => {
    const { asked, finish, inventory } = slowInventory(2);
    await using server = await startedServer({ services: [inventory] });
    using client = createRpcClient(InventoryService, { baseUrl: server.url, timeoutMs: 5000 });
    const http1 = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
    const overGrpc = client.getProduct(laptop, s1);
    const overConnect = createClient(InventoryService, http1).getProduct(laptop, {
      headers: { "x-session-id": "s1" },
    });
    await asked;
    const stopped = server.stop();
    await assert.rejects(client.getProduct(laptop, s1), { code: "UNAVAILABLE" });
    await assert.rejects(fetch(server.url));
    finish();
    assert.equal((await overGrpc).product?.id, "finished");
    assert.equal((await overConnect).product?.id, "finished");
    await stopped;
  });

  test("ends calls that do not finish in time with UNAVAILABLE", async () => {
    const aborted = Promise.withResolvers<AppError>();
    const asked = Promise.withResolvers<void>();
    const streams = Promise.withResolvers<void>();
    const inventory = fakeInventory({
      getProduct: async (_request, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason as AppError));
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const provider = fakeProvider(async function* () {
      yield { entries: [] };
      streams.resolve();
      await new Promise(() => {});
    });
    await using server = await startedServer({ services: [inventory, provider], drainMs: 50 });
    const options = { baseUrl: server.url, timeoutMs: 5000 };
    using client = createRpcClient(InventoryService, options);
    using streaming = createRpcClient(PaymentProviderService, options);
    const call = client.getProduct(laptop, s1);
    const cancel = { instruction: { case: "cancel", value: { idempotencyKey: "k" } } } as const;
    const stream = Array.fromAsync(streaming.execute({ instructions: [cancel] }));
    const failed = Promise.all([
      assert.rejects(call, { code: "UNAVAILABLE", message: "the server is stopping" }),
      assert.rejects(stream, { code: "UNAVAILABLE", message: "the server is stopping" }),
    ]);
    await Promise.all([asked.promise, streams.promise]);
    await server.stop();
    await failed;
    assert.equal((await aborted.promise).code, "UNAVAILABLE");
  });

  test("does not wait for idle connections and watchers of its health", async () => {
    await using server = await startedServer({ drainMs: 60_000 });
    using undecided = await rawSocket(server.port);
    undecided.write("PRI");
    await (await fetch(server.url)).text();
    using client = createRpcClient(Health, { baseUrl: server.url, timeoutMs: 60_000 });
    const watching = client.watch({})[Symbol.asyncIterator]();
    await watching.next();
    const before = performance.now();
    await Promise.all([server.stop(), assert.rejects(watching.next(), { code: "UNAVAILABLE" })]);
    assert.ok(performance.now() - before < 5000);
  });

  test("may be told so twice", async () => {
    const server = await startedServer();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });
});

/** An inventory that is asked so often before it is told to answer. */
function slowInventory(times: number) {
  const asked = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  let left = times;
  const inventory = fakeInventory({
    getProduct: async () => {
      left -= 1;
      if (left === 0) {
        asked.resolve();
      }
      await finish.promise;
      return { product: { id: "finished" } };
    },
  });
  return { asked: asked.promise, finish: () => finish.resolve(), inventory };
}
