import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "@ordersaga/gen/google/rpc/error_details";
import {
  GetProductRequestSchema,
  InventoryService,
} from "@ordersaga/gen/inventory/v1/inventory_service";
import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import { silent } from "./log.ts";
import { fakeInventory } from "./testing/fake-inventory.ts";
import { fakeProvider } from "./testing/fake-provider.ts";
import { protocols } from "./testing/protocols.ts";
import { startedServer } from "./testing/started-server.ts";

const inSession = { headers: { "x-session-id": "s1" } };
const charge = { instruction: { case: "cancel", value: { idempotencyKey: "k" } } } as const;

for (const { name, connect } of protocols) {
  describe(`Over ${name}`, () => {
    test("a unary call is answered", async () => {
      await using server = await startedServer();
      const client = createClient(InventoryService, connect(server.url));
      const { product } = await client.getProduct({ productId: "laptop" }, inSession);
      assert.equal(product?.id, "laptop");
      assert.equal(product.name, "s1");
    });

    test("a stream is answered message by message", async () => {
      const services = [fakeProvider(oneTwoThree)];
      await using server = await startedServer({ services });
      const client = createClient(PaymentProviderService, connect(server.url));
      const keys: string[] = [];
      for await (const { entries } of client.execute({ instructions: [charge] })) {
        keys.push(...entries.map(({ idempotencyKey }) => idempotencyKey));
      }
      assert.deepEqual(keys, ["1", "2", "3"]);
    });

    test("an error carries code, message, reason and metadata", async () => {
      await using server = await startedServer();
      const error = await failureOf(connect(server.url), { productId: "unknown" });
      assert.equal(error.code, Code.NotFound);
      assert.equal(error.rawMessage, "no product unknown");
      const [info] = error.findDetails(ErrorInfoSchema);
      assert.equal(info?.reason, "PRODUCT_NOT_FOUND");
      assert.equal(info.domain, "ordersaga");
      assert.deepEqual(info.metadata, { product_id: "unknown" });
    });

    test("a wrong field is named by its path", async () => {
      await using server = await startedServer();
      const client = createClient(InventoryService, connect(server.url));
      const queries = [{ productId: "laptop" }, { productId: "laptop", quantity: 10_000_001 }];
      const error = await rejectionOf(client.checkStock({ queries }, inSession));
      assert.equal(error.code, Code.InvalidArgument);
      const [badRequest] = error.findDetails(BadRequestSchema);
      assert.deepEqual(
        badRequest?.fieldViolations.map(({ field }) => field),
        ["queries[1].quantity"],
      );
      assert.equal(error.findDetails(ErrorInfoSchema)[0]?.reason, "INVALID_ARGUMENT");
    });

    test("a wrong field of a streaming call is named too", async () => {
      await using server = await startedServer({ services: [fakeProvider()] });
      const client = createClient(PaymentProviderService, connect(server.url));
      const error = await rejectionOf(Array.fromAsync(client.execute({ instructions: [{}] })));
      assert.equal(error.code, Code.InvalidArgument);
      const [badRequest] = error.findDetails(BadRequestSchema);
      assert.equal(badRequest?.fieldViolations[0]?.field, "instructions[0].instruction");
    });

    test("a missing session is INVALID_ARGUMENT", async () => {
      await using server = await startedServer();
      const client = createClient(InventoryService, connect(server.url));
      const error = await rejectionOf(client.getProduct({ productId: "laptop" }));
      assert.equal(error.code, Code.InvalidArgument);
      const [badRequest] = error.findDetails(BadRequestSchema);
      assert.equal(badRequest?.fieldViolations[0]?.field, "x-session-id");
    });

    test("only the operator sees every session", async () => {
      await using server = await startedServer({ operatorToken: "secret" });
      const client = createClient(InventoryService, connect(server.url));
      const getAll = async (headers: Record<string, string>) =>
        client.getProduct(
          { productId: "laptop" },
          { headers: { "x-session-id": "*", ...headers } },
        );
      assert.equal((await rejectionOf(getAll({}))).code, Code.PermissionDenied);
      const wrong = { authorization: "Bearer wrong" };
      assert.equal((await rejectionOf(getAll(wrong))).code, Code.Unauthenticated);
      const { product } = await getAll({ authorization: "Bearer secret" });
      assert.equal(product?.name, "*");
    });

    test("bytes that are not the request are INVALID_ARGUMENT", async () => {
      await using server = await startedServer();
      // Field 1 of this message is text, of the method's own message it is a message.
      const method = { ...InventoryService.method.checkStock, input: GetProductRequestSchema };
      const error = await rejectionOf(
        connect(server.url).unary(
          method,
          undefined,
          undefined,
          { "x-session-id": "s1" },
          { productId: "abc" },
        ),
      );
      // JSON ignores fields that it does not know, so there the request is merely empty.
      assert.match(error.rawMessage, name.includes("JSON") ? /^queries: / : /CheckStock|EOF/);
      assert.equal(error.code, Code.InvalidArgument);
      assert.equal(error.findDetails(ErrorInfoSchema)[0]?.domain, "ordersaga");
    });

    test("a request that is too large is RESOURCE_EXHAUSTED", async () => {
      await using server = await startedServer({ maxRequestBytes: 1000 });
      const error = await failureOf(connect(server.url), { productId: "x".repeat(2000) });
      assert.equal(error.code, Code.ResourceExhausted);
    });

    test("a method that is not served is UNIMPLEMENTED", async () => {
      await using server = await startedServer();
      const client = createClient(OrderService, connect(server.url));
      const unary = await rejectionOf(client.getOrder({ orderId: "x" }, inSession));
      assert.equal(unary.code, Code.Unimplemented);
      const streamed = await rejectionOf(Array.fromAsync(client.watchOrder({ orderId: "x" })));
      assert.equal(streamed.code, Code.Unimplemented);
    });

    test("a bug is INTERNAL with an id that the log has, and nothing else", async () => {
      const logged: { readonly errorId?: string; readonly err?: Error }[] = [];
      const services = [
        fakeInventory({
          getProduct: async () => {
            throw new TypeError("secret of the house");
          },
        }),
      ];
      const error = (fields: object) => void logged.push(fields);
      await using server = await startedServer({
        services,
        log: { ...silent, error },
      });
      const failure = await failureOf(connect(server.url), { productId: "laptop" });
      assert.equal(failure.code, Code.Internal);
      const id = failure.findDetails(ErrorInfoSchema)[0]?.metadata["error_id"];
      assert.equal(failure.rawMessage, `internal error ${id}`);
      assert.equal(logged[0]?.errorId, id);
      assert.equal(logged[0]?.err?.message, "secret of the house");
    });

    test("a deadline ends the call and aborts the handler's signal", async () => {
      const aborted = Promise.withResolvers<unknown>();
      const services = [
        fakeInventory({
          getProduct: async (_request, { signal, timeoutMs }) => {
            assert.ok(timeoutMs !== undefined && timeoutMs <= 50, `${timeoutMs}`);
            signal.addEventListener("abort", () => aborted.resolve(signal.reason));
            return new Promise(() => {});
          },
        }),
      ];
      await using server = await startedServer({ services });
      const client = createClient(InventoryService, connect(server.url));
      const call = client.getProduct({ productId: "laptop" }, { ...inSession, timeoutMs: 50 });
      assert.equal((await rejectionOf(call)).code, Code.DeadlineExceeded);
      assert.match(String(await aborted.promise), /deadline passed|went away/);
    });

    test("no unary call takes longer than the server allows", async () => {
      const services = [fakeInventory({ getProduct: async () => new Promise(() => {}) })];
      await using server = await startedServer({ services, maxTimeoutMs: 50 });
      for (const timeoutMs of [undefined, 3_600_000]) {
        const client = createClient(InventoryService, connect(server.url));
        const options = timeoutMs === undefined ? inSession : { ...inSession, timeoutMs };
        const error = await rejectionOf(client.getProduct({ productId: "laptop" }, options));
        assert.equal(error.code, Code.DeadlineExceeded);
      }
    });

    test("a caller that goes away aborts the signal of a unary handler", async () => {
      const asked = Promise.withResolvers<void>();
      const aborted = Promise.withResolvers<unknown>();
      const services = [
        fakeInventory({
          getProduct: async (_request, { signal }) => {
            signal.addEventListener("abort", () => aborted.resolve(signal.reason));
            asked.resolve();
            return new Promise(() => {});
          },
        }),
      ];
      await using server = await startedServer({ services });
      const leave = new AbortController();
      const client = createClient(InventoryService, connect(server.url));
      const options = { ...inSession, signal: leave.signal };
      const failure = rejectionOf(client.getProduct({ productId: "laptop" }, options));
      await asked.promise;
      leave.abort();
      assert.equal((await failure).code, Code.Canceled);
      assert.match(String(await aborted.promise), /went away/);
    });

    test("a caller that goes away ends a stream whose handler waits for ever", async () => {
      const ended = Promise.withResolvers<unknown>();
      const services = [
        fakeProvider(async function* ({ signal }) {
          signal.addEventListener("abort", () => ended.resolve(signal.reason));
          yield { entries: [{ idempotencyKey: "1" }] };
          await new Promise(() => {});
        }),
      ];
      await using server = await startedServer({ services });
      const leave = new AbortController();
      const client = createClient(PaymentProviderService, connect(server.url));
      const failure = rejectionOf(
        (async () => {
          const options = { signal: leave.signal };
          for await (const { entries } of client.execute({ instructions: [charge] }, options)) {
            assert.equal(entries.length, 1);
            leave.abort();
          }
        })(),
      );
      assert.equal((await failure).code, Code.Canceled);
      assert.match(String(await ended.promise), /went away/);
    });
  });
}

async function* oneTwoThree(): AsyncGenerator<{ entries: { idempotencyKey: string }[] }> {
  for (const idempotencyKey of ["1", "2", "3"]) {
    yield { entries: [{ idempotencyKey }] };
  }
}

async function failureOf(
  transport: Transport,
  request: { readonly productId: string },
): Promise<ConnectError> {
  return rejectionOf(createClient(InventoryService, transport).getProduct(request, inSession));
}

async function rejectionOf(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => assert.fail("the call was answered"),
    (reason: unknown) => ConnectError.from(reason),
  );
}
