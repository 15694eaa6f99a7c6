import assert from "node:assert/strict";
import { after, test } from "node:test";

import { openRpcUnderTest, refuses } from "../testing/rpc-under-test.ts";

const rpc = await openRpcUnderTest();
after(() => rpc[Symbol.asyncDispose]());
const { client } = rpc;
const session = { sessionId: "shop" };
await rpc.stock("shop", { laptop: 3, "sold-out": 0 });

test("every query is answered in its place, asked twice or not", async () => {
  const { answers } = await client.checkStock(
    {
      queries: [
        { productId: "laptop", quantity: 3 },
        { productId: "ghost", quantity: 1 },
        { productId: "laptop", quantity: 4 },
        { productId: "sold-out", quantity: 1 },
        { productId: "sold-out", quantity: 0 },
      ],
    },
    session,
  );
  const told = answers.map(({ productId, answer }) => [
    productId,
    answer.case === "found"
      ? [answer.value.sufficient, answer.value.available, answer.value.unitPrice?.minorUnits]
      : answer.case,
  ]);
  assert.deepEqual(told, [
    ["laptop", [true, 3n, 100n]],
    ["ghost", "unknown"],
    ["laptop", [false, 3n, 100n]],
    ["sold-out", [false, 0n, 100n]],
    ["sold-out", [true, 0n, 100n]],
  ]);
});

test("it holds nothing", async () => {
  await client.checkStock({ queries: [{ productId: "laptop", quantity: 3 }] }, session);
  assert.deepEqual(await rpc.levelOf("shop", "laptop"), { available: 3, reserved: 0, sold: 0 });
});

test("ten thousand queries are one call", async () => {
  const queries = Array.from({ length: 10_000 }, (_, index) => ({
    productId: index % 2 === 0 ? "laptop" : `p${index}`,
    quantity: 1,
  }));
  const { answers } = await client.checkStock({ queries }, session);
  assert.equal(answers.length, 10_000);
  assert.equal(answers.filter(({ answer }) => answer.case === "found").length, 5000);
  assert.equal(answers[9999]?.productId, "p9999");
});

test("bad queries are refused by the paths of their fields", async () => {
  const wrong = [
    [[], "queries"],
    [Array.from({ length: 10_001 }, () => ({ productId: "a" })), "queries"],
    [[{ productId: "laptop" }, { productId: "" }], "queries[1].product_id"],
    [[{ productId: "x".repeat(65) }], "queries[0].product_id"],
    [[{ productId: "laptop", quantity: 10_000_001 }], "queries[0].quantity"],
  ] as const;
  for (const [queries, field] of wrong) {
    const call = client.checkStock({ queries: [...queries] }, session);
    await refuses(call, { code: "INVALID_ARGUMENT", field });
  }
});
