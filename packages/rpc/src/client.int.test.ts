import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  InventoryService,
  ListProductsResponseSchema,
} from "@ordersaga/gen/inventory/v1/inventory_service";
import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { AppError, type RetryPolicy, TransientError } from "@ordersaga/kernel";

import { createRpcClient } from "./client.ts";
import { fakeInventory } from "./testing/fake-inventory.ts";
import { fakeProvider } from "./testing/fake-provider.ts";
import { startedServer } from "./testing/started-server.ts";

const s1 = { sessionId: "s1" };
const retry: RetryPolicy = { attempts: 3, firstMs: 1, factor: 2, maxMs: 10, jitter: 0.2 };
const cancel = { instruction: { case: "cancel", value: { idempotencyKey: "k" } } } as const;

describe("A client", () => {
  test("sends the session and headers, and gets a typed response", async () => {
    const seen = Promise.withResolvers<Readonly<Record<string, string>>>();
    const inventory = fakeInventory({
      listProducts: async (_request, { headers, sessionId, traceparent }) => {
        seen.resolve({ ...headers, sessionId, traceparent });
        return { nextPageToken: "more" };
      },
    });
    await using server = await startedServer({ services: [inventory] });
    using client = createRpcClient(InventoryService, { baseUrl: server.url, timeoutMs: 5000 });
    const headers = { "idempotency-key": "k", traceparent: "00-a" };
    const response = await client.listProducts({}, { ...s1, headers });
    assert.equal(response.$typeName, ListProductsResponseSchema.typeName);
    assert.equal(response.nextPageToken, "more");
    const { sessionId, traceparent, "idempotency-key": key } = await seen.promise;
    assert.deepEqual([sessionId, traceparent, key], ["s1", "00-a", "k"]);
  });

  test("rejects with the peer's code, reason, metadata, fields and delay", async () => {
    const details = {
      reason: "TOO_MUCH",
      metadata: { a: "b" },
      fields: [{ field: "page_size", description: "is large" }],
      retryAfterMs: 1500,
    };
    const inventory = fakeInventory({
      listProducts: async () => {
        throw new AppError({ code: "RESOURCE_EXHAUSTED", message: "später — 100 %", ...details });
      },
    });
    await using server = await startedServer({ services: [inventory] });
    using client = createRpcClient(InventoryService, { baseUrl: server.url, timeoutMs: 5000 });
    const error = await client.listProducts({}, s1).catch((reason: unknown) => reason);
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "RESOURCE_EXHAUSTED");
    assert.equal(error.message, "später — 100 %");
    assert.deepEqual(error.details, details);
  });

  test("tries an idempotent call again while the peer is UNAVAILABLE", async () => {
    let calls = 0;
    const inventory = fakeInventory({
      listProducts: async () => {
        calls += 1;
        if (calls < 3) {
          throw new TransientError("not yet");
        }
        return { nextPageToken: "at last" };
      },
      adjustStock: async () => {
        calls += 1;
        throw new TransientError("not yet");
      },
    });
    await using server = await startedServer({ services: [inventory] });
    const options = { baseUrl: server.url, timeoutMs: 5000, retry };
    using client = createRpcClient(InventoryService, options);
    assert.equal((await client.listProducts({}, s1)).nextPageToken, "at last");
    assert.equal(calls, 3);
    calls = 0;
    await assert.rejects(client.adjustStock({ productId: "a", delta: 1n }, s1), {
      code: "UNAVAILABLE",
    });
    assert.equal(calls, 1);
  });

  test("gives up after the attempts of its policy, and when the deadline is near", async () => {
    let calls = 0;
    const inventory = fakeInventory({
      listProducts: async () => {
        calls += 1;
        throw new TransientError("never");
      },
    });
    await using server = await startedServer({ services: [inventory] });
    const options = { baseUrl: server.url, timeoutMs: 5000 };
    using client = createRpcClient(InventoryService, { ...options, retry });
    await assert.rejects(client.listProducts({}, s1), { code: "UNAVAILABLE" });
    assert.equal(calls, 3);
    calls = 0;
    using patient = createRpcClient(InventoryService, {
      ...options,
      retry: { ...retry, firstMs: 60_000, maxMs: 60_000 },
    });
    await assert.rejects(patient.listProducts({}, s1), { code: "UNAVAILABLE" });
    assert.equal(calls, 1);
  });

  test("tries a stream again only while nothing of it has come", async () => {
    let calls = 0;
    const provider = fakeProvider(async function* () {
      calls += 1;
      if (calls > 1) {
        yield { entries: [] };
      }
      throw new TransientError("not yet");
    });
    await using server = await startedServer({ services: [provider] });
    const options = { baseUrl: server.url, timeoutMs: 5000, retry };
    using client = createRpcClient(PaymentProviderService, options);
    let received = 0;
    await assert.rejects(
      async () => {
        for await (const _response of client.execute({ instructions: [cancel] })) {
          received += 1;
        }
      },
      { code: "UNAVAILABLE", message: "not yet" },
    );
    assert.deepEqual([calls, received], [2, 1]);
  });

  test("cancels a stream whose loop is left", async () => {
    const ended = Promise.withResolvers<unknown>();
    const provider = fakeProvider(async function* ({ signal }) {
      signal.addEventListener("abort", () => ended.resolve(signal.reason));
      yield { entries: [] };
      await new Promise(() => {});
    });
    await using server = await startedServer({ services: [provider] });
    const options = { baseUrl: server.url, timeoutMs: Infinity };
    using client = createRpcClient(PaymentProviderService, options);
    for await (const _response of client.execute({ instructions: [cancel] })) {
      break;
    }
    assert.match(String(await ended.promise), /went away/);
  });

  test("is cancelled by its signal and by its deadline", async () => {
    const inventory = fakeInventory({ listProducts: async () => new Promise(() => {}) });
    await using server = await startedServer({ services: [inventory], drainMs: 50 });
    using client = createRpcClient(InventoryService, { baseUrl: server.url, timeoutMs: 50 });
    await assert.rejects(client.listProducts({}, s1), { code: "DEADLINE_EXCEEDED" });
    const leave = new AbortController();
    const call = client.listProducts({}, { ...s1, timeoutMs: 5000, signal: leave.signal });
    setImmediate(() => leave.abort());
    await assert.rejects(call, { code: "CANCELLED" });
    await assert.rejects(client.listProducts({}, { ...s1, signal: leave.signal }), {
      code: "CANCELLED",
    });
  });

  test("is UNAVAILABLE without a peer, and finds it within a second of its return", async () => {
    const first = await startedServer();
    const { port, url: baseUrl } = first;
    using client = createRpcClient(InventoryService, { baseUrl, timeoutMs: 5000 });
    await client.listProducts({}, s1);
    await first.stop();
    const error = await client.listProducts({}, s1).catch((reason: unknown) => reason);
    assert.ok(error instanceof AppError);
    assert.equal(error.kind, "transient");
    assert.equal(error.code, "UNAVAILABLE");
    await using _second = await startedServer({ port });
    const returnedAt = performance.now();
    while (performance.now() - returnedAt < 5000) {
      try {
        await client.listProducts({}, s1);
        break;
      } catch {
        await new Promise(setImmediate);
      }
    }
    assert.ok(performance.now() - returnedAt < 1500, `${performance.now() - returnedAt} ms`);
  });
});
