import assert from "node:assert/strict";
import { test } from "node:test";

import { AppError } from "@ordersaga/kernel";

import { type CallOutcome, GroupCommit, type GroupCommitLimits } from "./group-commit.ts";

test("calls that come within a moment run as one batch, each with its own answer", async () => {
  const world = createWorld();
  const answers = [1, 2, 3].map((call) => world.queue.submit(call));
  assert.deepEqual(world.batches, []);
  world.gathered();
  assert.deepEqual(world.batches, [[1, 2, 3]]);
  world.finish((call) => ({ kind: "answer", answer: `answer ${call}` }));
  assert.deepEqual(await Promise.all(answers), ["answer 1", "answer 2", "answer 3"]);
});

test("a full batch starts without waiting, and the rest goes into the next", () => {
  const world = createWorld({ maxBatch: 2 });
  for (const call of [1, 2, 3]) {
    void world.queue.submit(call);
  }
  assert.deepEqual(world.batches, [[1, 2]]);
  world.gathered();
  assert.deepEqual(world.batches, [[1, 2], [3]]);
});

test("no more batches are in flight than allowed; what comes meanwhile makes a larger batch", async () => {
  const world = createWorld({ maxBatch: 3, maxBatchesInFlight: 1 });
  const first = world.queue.submit(1);
  world.gathered();
  for (const call of [2, 3, 4, 5]) {
    void world.queue.submit(call);
  }
  world.gathered();
  assert.deepEqual(world.batches, [[1]]);
  world.finish(answered);
  await first;
  await turn();
  assert.deepEqual(world.batches, [[1], [2, 3, 4]]);
});

test("a full queue refuses the next call and says when to come again", async () => {
  const world = createWorld({ maxWaiting: 2, retryAfterMs: 70 });
  void world.queue.submit(1);
  void world.queue.submit(2);
  await assert.rejects(world.queue.submit(3), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "RESOURCE_EXHAUSTED");
    assert.equal(error.details.reason, "QUEUE_FULL");
    assert.equal(error.details.retryAfterMs, 70);
    return true;
  });
  world.gathered();
  assert.deepEqual(world.batches, [[1, 2]]);
});

test("a call whose turn comes again goes before those that wait", async () => {
  const world = createWorld({ maxBatchesInFlight: 1 });
  const again = world.queue.submit(1);
  world.gathered();
  void world.queue.submit(2);
  world.finish(() => ({ kind: "again" }));
  await turn();
  world.gathered();
  assert.deepEqual(world.batches, [[1], [1, 2]]);
  world.finish(answered);
  assert.equal(await again, "done");
});

test("a batch that fails fails its calls only", async () => {
  const world = createWorld();
  const failing = world.queue.submit(1);
  world.gathered();
  world.fail(new Error("no database"));
  await assert.rejects(failing, /no database/);
  const later = world.queue.submit(2);
  world.gathered();
  world.finish(answered);
  assert.equal(await later, "done");
});

test("stopping answers what was taken and refuses what comes after", async () => {
  const world = createWorld();
  const taken = world.queue.submit(1);
  const stopped = world.queue.stop();
  await assert.rejects(world.queue.submit(2), /stopping/);
  world.gathered();
  world.finish(answered);
  assert.equal(await taken, "done");
  await stopped;
  await world.queue.stop();
});

const answered = (): CallOutcome<string> => ({ kind: "answer", answer: "done" });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A queue whose timer and whose batches move when the test says so. */
function createWorld(limits: Partial<GroupCommitLimits> = {}) {
  const timers: (() => void)[] = [];
  const batches: (readonly number[])[] = [];
  const running: PromiseWithResolvers<readonly CallOutcome<string>[]>[] = [];
  const queue = new GroupCommit<number, string>({
    run: (calls) => {
      batches.push(calls);
      const work = Promise.withResolvers<readonly CallOutcome<string>[]>();
      running.push(work);
      return work.promise;
    },
    limits: {
      maxWaiting: 100,
      maxBatch: 10,
      maxBatchesInFlight: 2,
      gatherMs: 1,
      retryAfterMs: 100,
      ...limits,
    },
    after: (_delayMs, action) => timers.push(action),
  });
  return {
    queue,
    batches,
    gathered: () => timers.splice(0).forEach((action) => action()),
    finish: (outcomeOf: (call: number) => CallOutcome<string>) =>
      running.shift()?.resolve((batches[batches.length - 1 - running.length] ?? []).map(outcomeOf)),
    fail: (error: Error) => running.shift()?.reject(error),
  };
}
