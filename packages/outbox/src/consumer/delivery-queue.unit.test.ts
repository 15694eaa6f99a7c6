import assert from "node:assert/strict";
import { test } from "node:test";

import type { Delivery } from "@ordersaga/messaging";

import type { IncomingEvent } from "../reaction.ts";
import { createDeliveryQueue, type DeliveryQueue } from "./delivery-queue.ts";

test("first deliveries are run together, up to the limit of events", () => {
  const queue = queueOf({ setEvents: 10 });
  [4, 4, 4, 20, 1].forEach((events, index) => queue.add(delivery(index + 1, { events })));
  assert.deepEqual(drain(queue), ["set 1,2", "set 3", "set 4", "set 5"]);
});

test("a delivery that nobody can explain makes its set suspect", () => {
  const queue = queueOf();
  [delivery(1), delivery(2, { deliveryCount: 2 }), delivery(3)].forEach(queue.add);
  assert.deepEqual(drain(queue), ["suspect set 1,2,3"]);
});

test("what was given back on purpose is no suspect", () => {
  const queue = queueOf();
  const naks: number[] = [];
  for (const count of [1, 2, 3]) {
    const again = delivery(1, { deliveryCount: count, nak: (delayMs) => naks.push(delayMs) });
    queue.giveBack(again, count * 100, "set");
  }
  assert.deepEqual(naks, [100, 200, 300]);
  queue.add(delivery(1, { deliveryCount: 4 }));
  queue.add(delivery(2));
  assert.deepEqual(drain(queue), ["set 1,2"]);
  queue.add(delivery(1, { deliveryCount: 5 }));
  queue.add(delivery(2));
  assert.deepEqual(drain(queue), ["suspect set 1,2"]);
});

test("what was given back to be split is split, alone", () => {
  const queue = queueOf();
  queue.giveBack(delivery(1), 0, "split");
  queue.add(delivery(1, { deliveryCount: 2 }));
  queue.add(delivery(2));
  assert.deepEqual(drain(queue), ["split 1", "set 2"]);
  queue.forget(delivery(1));
  queue.add(delivery(1));
  assert.deepEqual(drain(queue), ["set 1"]);
});

test("everything that waits can be taken out", () => {
  const queue = queueOf();
  [1, 2, 3].forEach((sequence) => queue.add(delivery(sequence)));
  queue.take();
  [4, 5].forEach((sequence) => queue.add(delivery(sequence)));
  assert.deepEqual(
    queue.takeAll().map(({ streamSequence }) => streamSequence),
    [4, 5],
  );
  assert.ok(queue.isEmpty());
  assert.equal(queue.take(), undefined);
});

function queueOf(limits: { setEvents?: number } = {}): DeliveryQueue {
  return createDeliveryQueue({
    setEvents: 1000,
    ...limits,
    decode: (given) => ({
      delivery: given,
      id: String(given.streamSequence),
      events: Array.from({ length: given.data.length }, () => ({}) as IncomingEvent),
      rejects: [],
      alone: () => assert.fail("nothing is held here"),
    }),
  });
}

function drain(queue: DeliveryQueue): string[] {
  const batches: string[] = [];
  for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
    batches.push(
      `${batch.isSuspect ? "suspect " : ""}${batch.mode} ${batch.envelopes.map(({ id }) => id).join(",")}`,
    );
  }
  return batches;
}

function delivery(
  streamSequence: number,
  given: {
    readonly deliveryCount?: number;
    readonly events?: number;
    readonly nak?: (delayMs: number) => void;
  } = {},
): Delivery {
  return {
    subject: "s.t",
    data: new Uint8Array(given.events ?? 1),
    headers: {},
    deliveryCount: given.deliveryCount ?? 1,
    stream: "S",
    streamSequence,
    ack: () => {},
    nak: given.nak ?? (() => {}),
    working: () => {},
  };
}
