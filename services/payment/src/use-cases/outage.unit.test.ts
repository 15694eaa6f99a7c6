import assert from "node:assert/strict";
import { test } from "node:test";

import { createOutage } from "./outage.ts";

const policy = { attempts: Infinity, firstMs: 100, factor: 2, maxMs: 300, jitter: 0.2 };

function createClocked() {
  let now = 1000;
  const clock = { now: () => new Date(now) };
  const outage = createOutage({ policy, clock, rng: () => 0.5 });
  return { outage, pass: (ms: number) => (now += ms) };
}

test("nobody is away at first", () => {
  assert.equal(createClocked().outage.until(), undefined);
});

test("each failure after the wait doubles it, up to the limit", () => {
  const { outage, pass } = createClocked();
  const waits = [1, 2, 3, 4].map(() => {
    const startedAt = pass(0);
    const until = outage.begins().getTime();
    pass(until - startedAt);
    return until - startedAt;
  });
  assert.deepEqual(waits, [100, 200, 300, 300]);
  assert.equal(outage.until(), undefined);
});

test("failures of calls that went out together count as one", () => {
  const { outage, pass } = createClocked();
  const first = outage.begins();
  assert.deepEqual([outage.begins(), outage.begins(), outage.until()], [first, first, first]);
  pass(100);
  assert.equal(outage.begins().getTime() - first.getTime(), 200);
});

test("an answer ends it, and the next one begins anew", () => {
  const { outage, pass } = createClocked();
  outage.begins();
  outage.isOver();
  assert.equal(outage.until(), undefined);
  const startedAt = pass(0);
  assert.equal(outage.begins().getTime() - startedAt, 100);
});
