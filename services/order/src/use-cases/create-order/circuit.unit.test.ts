import assert from "node:assert/strict";
import { test } from "node:test";

import { createCircuit } from "./circuit.ts";

test("calls pass until one fails; then none passes for the pause", () => {
  const { circuit, wait } = world();
  assert.equal(circuit.mayCall(), true);
  circuit.failed();
  assert.equal(circuit.mayCall(), false);
  wait(999);
  assert.equal(circuit.mayCall(), false);
});

test("after the pause one call tries, and the others wait for what it finds", () => {
  const { circuit, wait } = world();
  circuit.failed();
  wait(1000);
  assert.deepEqual([circuit.mayCall(), circuit.mayCall()], [true, false]);
  circuit.succeeded();
  assert.deepEqual([circuit.mayCall(), circuit.mayCall()], [true, true]);
});

test("a failed try begins the pause anew, and a try that never ends is followed by another", () => {
  const { circuit, wait } = world();
  circuit.failed();
  wait(1000);
  assert.equal(circuit.mayCall(), true);
  circuit.failed();
  wait(999);
  assert.equal(circuit.mayCall(), false);
  wait(1);
  assert.equal(circuit.mayCall(), true);
  wait(1000);
  assert.equal(circuit.mayCall(), true);
});

function world() {
  let now = 0;
  const circuit = createCircuit({ clock: { now: () => new Date(now) }, pauseMs: 1000 });
  return { circuit, wait: (ms: number) => (now += ms) };
}
