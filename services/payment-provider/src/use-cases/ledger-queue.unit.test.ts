import assert from "node:assert/strict";
import { test } from "node:test";

import type { LedgerOperation, LedgerResult } from "../domain/ledger-operation.ts";
import { LedgerQueue } from "./ledger-queue.ts";

const cancel = (key: string): LedgerOperation => ({ kind: "cancel", key });

function resultOf({ key }: LedgerOperation): LedgerResult {
  const time = new Date(0);
  const entry = {
    key,
    status: "VOID",
    amount: undefined,
    declineCode: "",
    chargeRequests: 0,
    createdAt: time,
    updatedAt: time,
  } as const;
  return { entry, wasCreated: true };
}

function createQueue(limits: { readonly maxBatch?: number; readonly maxBatchesInFlight?: number }) {
  const batches: string[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const queue = new LedgerQueue({
    maxBatch: 10,
    maxBatchesInFlight: 1,
    ...limits,
    write: async (operations) => {
      batches.push(operations.map(({ key }) => key));
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return operations.map(resultOf);
    },
  });
  return { queue, batches, gates };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const keysOf = (results: readonly LedgerResult[]): string[] =>
  results.map(({ entry }) => entry.key);

test("calls of one turn share a batch, and each gets its own results in its order", async () => {
  const { queue, batches, gates } = createQueue({});
  const one = queue.submit([cancel("b"), cancel("a")]);
  const other = queue.submit([cancel("c")]);
  await turn();
  assert.deepEqual(batches, [["b", "a", "c"]]);
  gates[0]?.resolve();
  assert.deepEqual(keysOf(await one), ["b", "a"]);
  assert.deepEqual(keysOf(await other), ["c"]);
});

test("what comes while a batch is written makes up the next one, up to its limit", async () => {
  const { queue, batches, gates } = createQueue({ maxBatch: 2 });
  const all = ["a", "b", "c", "d", "e"].map((key) => queue.submit([cancel(key)]));
  for (let batch = 0; batch < 3; batch++) {
    await turn();
    gates[batch]?.resolve();
  }
  await Promise.all(all);
  assert.deepEqual(batches, [["a", "b"], ["c", "d"], ["e"]]);
});

test("two operations on one key never share a batch, and keep their order", async () => {
  const { queue, batches, gates } = createQueue({});
  const all = queue.submit([cancel("a"), cancel("a"), cancel("b"), cancel("a")]);
  for (let batch = 0; batch < 3; batch++) {
    await turn();
    gates[batch]?.resolve();
  }
  await all;
  assert.deepEqual(batches, [["a", "b"], ["a"], ["a"]]);
});

test("an operation waits for an earlier one on its key, although another batch may start", async () => {
  const { queue, batches, gates } = createQueue({ maxBatchesInFlight: 2 });
  const first = queue.submit([cancel("a")]);
  await turn();
  const rest = queue.submit([cancel("a"), cancel("b")]);
  await turn();
  assert.deepEqual(batches, [["a"], ["b"]]);
  gates[1]?.resolve();
  await turn();
  assert.equal(batches.length, 2);
  gates[0]?.resolve();
  await first;
  await turn();
  assert.deepEqual(batches, [["a"], ["b"], ["a"]]);
  gates[2]?.resolve();
  assert.deepEqual(keysOf(await rest), ["a", "b"]);
});

test("a batch that fails fails its calls only", async () => {
  const { queue, gates } = createQueue({ maxBatch: 1 });
  const [bad, good] = [queue.submit([cancel("a")]), queue.submit([cancel("b")])];
  await turn();
  gates[0]?.reject(new Error("disk full"));
  await assert.rejects(bad, /disk full/);
  gates[1]?.resolve();
  assert.deepEqual(keysOf(await good), ["b"]);
});

test("stopping waits for what was taken and takes no more", async () => {
  const { queue, gates } = createQueue({});
  const taken = queue.submit([cancel("a")]);
  await turn();
  const stopped = queue.stop();
  await assert.rejects(queue.submit([cancel("b")]), { code: "UNAVAILABLE" });
  gates[0]?.resolve();
  await Promise.all([taken, stopped]);
});
