import assert from "node:assert/strict";
import { test } from "node:test";

import { asTheyComplete } from "./as-they-complete.ts";

test("values come in the order of their completion", async () => {
  const slow = Promise.withResolvers<string>();
  const quick = Promise.withResolvers<string>();
  const values = asTheyComplete([slow.promise, quick.promise])[Symbol.asyncIterator]();
  quick.resolve("quick");
  assert.deepEqual(await values.next(), { done: false, value: "quick" });
  slow.resolve("slow");
  assert.deepEqual(await values.next(), { done: false, value: "slow" });
  assert.deepEqual(await values.next(), { done: true, value: undefined });
});

test("an error is thrown in its turn", async () => {
  const values = asTheyComplete([Promise.reject(new Error("broken"))]);
  await assert.rejects(Array.fromAsync(values), /broken/);
});

test("an error that nobody listens for any more is not left unhandled", async (t) => {
  const unhandled = t.mock.fn();
  process.once("unhandledRejection", unhandled);
  const broken = Promise.withResolvers<string>();
  const values = asTheyComplete([Promise.resolve("first"), broken.promise]);
  const [first] = await Array.fromAsync(firstOf(values));
  assert.equal(first, "first");
  broken.reject(new Error("broken"));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unhandled);
  assert.equal(unhandled.mock.callCount(), 0);
});

async function* firstOf<T>(values: AsyncIterable<T>): AsyncIterable<T> {
  for await (const value of values) {
    yield value;
    return;
  }
}
