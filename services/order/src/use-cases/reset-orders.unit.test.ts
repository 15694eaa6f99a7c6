import assert from "node:assert/strict";
import { test } from "node:test";

import type { UnitOfWork, UnitsOfWork } from "@ordersaga/outbox";
import type { AbortRequest } from "@ordersaga/saga";

import { createResetOrders } from "./reset-orders.ts";

test("unfinished orders are aborted, their end is waited for, then everything is removed", async () => {
  const world = createWorld({ unfinished: 5, ended: 3, endsAfterPauses: 2 });
  assert.deepEqual(await world.reset(), { aborted: 5, removed: 8 });
  assert.equal(world.pauses, 2);
  assert.ok(world.requests.every(({ cause }) => cause.code === "RESET"));
});

test("what does not end in time stays", async () => {
  const world = createWorld({ unfinished: 2, ended: 3, endsAfterPauses: Infinity });
  assert.deepEqual(await world.reset(), { aborted: 2, removed: 3 });
  assert.equal(world.pauses, 10);
});

test("an order that was decided otherwise is waited for but not counted as aborted", async () => {
  const world = createWorld({ unfinished: 2, ended: 0, endsAfterPauses: 1, isDecided: true });
  assert.deepEqual(await world.reset(), { aborted: 0, removed: 2 });
});

test("a caller that leaves stops the waiting and the removing", async () => {
  const world = createWorld({ unfinished: 2, ended: 3, endsAfterPauses: Infinity });
  assert.deepEqual(await world.reset(AbortSignal.abort()), { aborted: 0, removed: 0 });
});

function createWorld(options: {
  readonly unfinished: number;
  readonly ended: number;
  readonly endsAfterPauses: number;
  readonly isDecided?: boolean;
}) {
  let time = 0;
  let { ended } = options;
  let unfinished = Array.from({ length: options.unfinished }, (_, index) => `id-${index}`);
  const world = { pauses: 0, requests: [] as AbortRequest[] };
  const unitsOfWork: UnitsOfWork = { run: (work) => work({} as UnitOfWork) };
  const resetOrders = createResetOrders({
    unitsOfWork,
    coordinator: {
      abort: async (_uow, requests) => {
        world.requests.push(...requests);
        return requests.map(({ sagaId, sessionId }) =>
          options.isDecided === true
            ? { sagaId, sessionId, result: "OTHERWISE", decision: "CONFIRMED" }
            : { sagaId, sessionId, result: "DECIDED", decision: "CANCELLED" },
        );
      },
    },
    orders: {
      unfinished: async ({ after }) => unfinished.filter((id) => id > after).slice(0, 2),
      removeEnded: async () => {
        const count = Math.min(ended, 2);
        ended -= count;
        return count;
      },
    },
    now: () => new Date(time),
    pause: async (delayMs) => {
      time += delayMs;
      world.pauses++;
      if (world.pauses >= options.endsAfterPauses) {
        ended += unfinished.length;
        unfinished = [];
      }
    },
    waitMs: 500,
  });
  const reset = (signal = new AbortController().signal) => resetOrders({ sessionId: "s", signal });
  return Object.assign(world, { reset });
}
