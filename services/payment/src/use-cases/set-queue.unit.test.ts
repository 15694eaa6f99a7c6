import assert from "node:assert/strict";
import { test } from "node:test";

import { SetQueue } from "./set-queue.ts";

function createQueue(limits: { readonly maxItems: number; readonly maxRunning: number }) {
  const sets: (readonly number[])[] = [];
  const finish: (() => void)[] = [];
  const queue = new SetQueue<number>({
    ...limits,
    run: (items) => {
      sets.push(items);
      return new Promise((resolve) => finish.push(resolve));
    },
  });
  return { queue, sets, finishNext: () => finish.shift()?.() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what comes in one turn of the event loop is one set", async () => {
  const { queue, sets } = createQueue({ maxItems: 10, maxRunning: 1 });
  queue.push([1]);
  queue.push([2, 3]);
  await turn();
  assert.deepEqual(sets, [[1, 2, 3]]);
});

test("while all are busy the next set grows, up to its limit", async () => {
  const { queue, sets, finishNext } = createQueue({ maxItems: 3, maxRunning: 1 });
  queue.push([1]);
  await turn();
  for (const item of [2, 3, 4, 5]) {
    queue.push([item]);
  }
  await turn();
  assert.deepEqual(sets, [[1]]);
  finishNext();
  await turn();
  assert.deepEqual(sets, [[1], [2, 3, 4]]);
});

test("no more sets run at once than allowed", async () => {
  const { queue, sets } = createQueue({ maxItems: 1, maxRunning: 2 });
  queue.push([1, 2, 3]);
  await turn();
  assert.deepEqual(sets, [[1], [2]]);
});

test("it is idle when nothing waits and nothing runs", async () => {
  const { queue, finishNext } = createQueue({ maxItems: 1, maxRunning: 1 });
  await queue.whenIdle();
  queue.push([1, 2]);
  let isIdle = false;
  const idle = queue.whenIdle().then(() => (isIdle = true));
  finishNext();
  await turn();
  finishNext();
  await turn();
  assert.equal(isIdle, false);
  finishNext();
  await idle;
});
