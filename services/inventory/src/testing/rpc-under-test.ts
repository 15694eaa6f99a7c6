import assert from "node:assert/strict";

import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { DeadLetterService } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { AppError, type ErrorCode } from "@ordersaga/kernel";
import { createRpcClient, type RpcClient, startRpcServer } from "@ordersaga/rpc";

import { type InventoryUnderTest, openInventoryUnderTest } from "./inventory-under-test.ts";
import { createServices } from "../rpc/index.ts";

/** Inventory behind a port of its own, for one test file. */
export type RpcUnderTest = InventoryUnderTest & {
  readonly client: RpcClient<typeof InventoryService>;
  readonly deadLetters: RpcClient<typeof DeadLetterService>;
};

const operatorToken = "the operator's token of a test";

/** Headers of an operator. */
export const operator = { authorization: `Bearer ${operatorToken}` };

/** Serves inventory on a free port and connects clients to it. */
export async function openRpcUnderTest(): Promise<RpcUnderTest> {
  await using opened = new AsyncDisposableStack();
  const inventory = opened.use(await openInventoryUnderTest());
  const { database, unitsOfWork } = inventory;
  const services = createServices({ database, unitsOfWork, messageTypes: [] });
  const server = opened.use(await startRpcServer({ port: 0, services, operatorToken }));
  server.setServing(true);
  const address = { baseUrl: `http://127.0.0.1:${server.port}`, timeoutMs: 10_000 };
  const client = opened.use(createRpcClient(InventoryService, address));
  const deadLetters = opened.use(createRpcClient(DeadLetterService, address));
  const all = opened.move();
  return { ...inventory, client, deadLetters, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Asserts that a call is refused, and that the refusal says these things. */
export async function refuses(
  call: Promise<unknown>,
  expected: {
    readonly code: ErrorCode;
    readonly field?: string;
    readonly reason?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, expected.code, error.message);
    if (expected.field !== undefined) {
      assert.ok(
        error.details.fields?.some(({ field }) => field === expected.field),
        `no violation of ${expected.field} in ${JSON.stringify(error.details.fields)}`,
      );
    }
    if (expected.reason !== undefined) {
      assert.equal(error.details.reason, expected.reason);
    }
    if (expected.metadata !== undefined) {
      assert.deepEqual({ ...error.details.metadata }, expected.metadata);
    }
    return true;
  });
}
