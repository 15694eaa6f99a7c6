import assert from "node:assert/strict";
import { test } from "node:test";

import { planFaults } from "./plan-faults.ts";
import { seededRng } from "./random.ts";

const planned = (seed: number) => planFaults(seededRng(seed), 60);

test("the same seed gives the same faults, another seed gives others", () => {
  assert.deepEqual(planned(7), planned(7));
  assert.notDeepEqual(planned(7), planned(8));
});

test("a plan has as many faults as were asked for, and of sixty every kind occurs", () => {
  for (const seed of [1, 2, 3]) {
    const plan = planFaults(seededRng(seed), 60);
    assert.equal(plan.length, 60);
    assert.equal(new Set(plan.map(({ kind }) => kind)).size, 11);
  }
  assert.equal(planFaults(seededRng(1), 3).length, 3);
});

test("two services that are killed at once are two", () => {
  const pairs = planFaults(seededRng(1), 1000).filter(({ kind }) => kind === "kill-two");
  assert.ok(pairs.length > 0);
  assert.ok(pairs.every(({ targets: [one, other] }) => one !== other));
});
