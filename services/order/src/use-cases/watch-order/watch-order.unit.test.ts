import assert from "node:assert/strict";
import { test } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { AppError } from "@ordersaga/kernel";

import type { SagaFacts, StandingOrder, StepFacts } from "../../domain/saga-facts.ts";
import { WatchHub } from "./watch-hub.ts";
import { type OrderChange, watchOrder } from "./watch-order.ts";

test("a watcher sees the order as it stands, then every change with its new steps, then the end", async () => {
  const world = createWorld();
  const stream = world.watch();
  assert.deepEqual(shown(await stream.next()), ["PENDING", 0]);
  world.change({ progress: "INVENTORY_RESERVED", steps: 1 });
  assert.deepEqual(shown(await stream.next()), ["INVENTORY_RESERVED", 1]);
  world.change({ progress: "CONFIRMED", steps: 3 });
  assert.deepEqual(shown(await stream.next()), ["CONFIRMED", 2]);
  world.change({ progress: "CONFIRMED", steps: 4, isEnded: true });
  assert.deepEqual(shown(await stream.next()), ["CONFIRMED", 1]);
  assert.equal((await stream.next()).done, true);
});

test("a look that finds nothing new says nothing", async () => {
  const world = createWorld();
  const stream = world.watch();
  await stream.next();
  const next = stream.next();
  world.hub.poll();
  await turn();
  world.change({ progress: "CONFIRMED", steps: 1, isEnded: true });
  assert.deepEqual(shown(await next), ["CONFIRMED", 1]);
});

test("a change by another instance is seen by the next poll", async () => {
  const world = createWorld();
  const stream = world.watch();
  await stream.next();
  const next = stream.next();
  await turn();
  world.changeElsewhere({ progress: "FAILED", steps: 2, isEnded: true });
  world.hub.poll();
  assert.deepEqual(shown(await next), ["FAILED", 2]);
});

test("an ended order is shown once", async () => {
  const world = createWorld();
  world.changeElsewhere({ progress: "CONFIRMED", steps: 4, isEnded: true });
  const stream = world.watch();
  assert.deepEqual(shown(await stream.next()), ["CONFIRMED", 4]);
  assert.equal((await stream.next()).done, true);
});

test("the stream ends when the caller leaves, and its place is free again", async () => {
  const world = createWorld({ maxWatchers: 1 });
  const leaving = new AbortController();
  const stream = world.watch(leaving.signal);
  await stream.next();
  const next = stream.next();
  await assert.rejects(world.watch().next(), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.details.reason, "TOO_MANY_WATCHERS");
    return true;
  });
  leaving.abort();
  assert.equal((await next).done, true);
  assert.deepEqual(shown(await world.watch().next()), ["PENDING", 0]);
});

test("a watched saga that is removed ends the stream", async () => {
  const world = createWorld();
  const stream = world.watch();
  await stream.next();
  const next = stream.next();
  await turn();
  world.remove();
  world.hub.poll();
  assert.equal((await next).done, true);
});

test("a hub that stops sends its watchers away and takes no more", async () => {
  const world = createWorld();
  const stream = world.watch();
  await stream.next();
  const next = stream.next();
  await turn();
  world.hub.stop();
  await assert.rejects(next, /stopping/);
  await assert.rejects(world.watch().next(), /stopping/);
});

test("an unknown order yields nothing", async () => {
  const world = createWorld();
  world.remove();
  assert.equal((await world.watch().next()).done, true);
});

test("a look that fails is made up for by the next", async () => {
  const world = createWorld();
  const stream = world.watch();
  await stream.next();
  const next = stream.next();
  await turn();
  world.failNext();
  world.change({ progress: "CONFIRMED", steps: 1, isEnded: true });
  await turn();
  assert.equal(world.troubles.length, 1);
  world.hub.poll();
  assert.deepEqual(shown(await next), ["CONFIRMED", 1]);
});

type Change = { readonly progress: string; readonly steps: number; readonly isEnded?: boolean };

const id = "01890000-0000-7000-8000-000000000001";
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

function createWorld({ maxWatchers = 10 }: { readonly maxWatchers?: number } = {}) {
  let standing: StandingOrder | undefined = standingOrder({ progress: "PENDING", steps: 0 });
  let isFailing = false;
  const troubles: unknown[] = [];
  const hub = new WatchHub({
    findSagas: async () => {
      if (isFailing) {
        isFailing = false;
        throw new Error("no database");
      }
      return standing === undefined ? [] : [standing.saga];
    },
    maxWatchers,
    onTrouble: (error) => troubles.push(error),
  });
  const reads = { findOrder: async () => standing };
  const changeElsewhere = (change: Change): void => void (standing = standingOrder(change));
  return {
    hub,
    troubles,
    changeElsewhere,
    change: (change: Change) => {
      changeElsewhere(change);
      hub.changed([id]);
    },
    remove: () => (standing = undefined),
    failNext: () => (isFailing = true),
    watch: (signal = new AbortController().signal) =>
      watchOrder({ reads, hub }, { id, sessionId: "s", signal }),
  };
}

function standingOrder({ progress, steps, isEnded = false }: Change): StandingOrder {
  const time = new Date(0);
  const step: StepFacts = { step: "x", status: "SUCCEEDED", message: "", attempt: 1, time };
  const saga: SagaFacts = {
    id,
    sessionId: "s",
    status: isEnded ? "COMPLETED" : "IN_PROGRESS",
    progress,
    reason: "",
    currentStep: "",
    coordination: Coordination.CHOREOGRAPHY,
    definitionVersion: 1,
    history: Array.from({ length: steps }, () => step),
    createdAt: time,
    updatedAt: time,
    endedAt: isEnded ? time : undefined,
    deadlineAt: undefined,
    recoveries: 0,
  };
  const total = { currency: "EUR", minor: 1n };
  const order = {
    id,
    sessionId: "s",
    userId: "u",
    lines: [],
    total,
    paymentToken: "t",
    createdAt: time,
  };
  return { order, saga };
}

function shown(result: IteratorResult<OrderChange, void>): readonly [string, number] {
  assert.ok(result.done !== true);
  return [result.value.saga.progress, result.value.newSteps.length];
}
