import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { TransientError } from "@ordersaga/kernel";

import { freshConsumer, messageBusContract, messageOn, streamSpec } from "../contract.ts";
import { Recorder } from "../recorder.ts";
import { createMemoryBus } from "./bus.ts";

messageBusContract("the memory bus", async () => createMemoryBus());

describe("the memory bus", () => {
  it("forgets messages, ids and answers when it is wiped, and goes on", async () => {
    await using bus = createMemoryBus();
    await bus.ensureStream(streamSpec);
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder(() => undefined);
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    const message = messageOn(subject);
    await bus.publish(message);
    const [lost] = await recorder.received(1);
    bus.wipe();
    assert.equal((await bus.streamIdentity(streamSpec.name))?.lastSequence, 0);
    assert.equal((await bus.publish(message)).duplicate, false);
    lost?.ack();
    await recorder.received(2);
    assert.equal(recorder.deliveries[1]?.deliveryCount, 1);
  });

  it("refuses to publish while it is cut off, and delivers afterwards", async () => {
    await using bus = createMemoryBus();
    await bus.ensureStream(streamSpec);
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    bus.setConnected(false);
    assert.equal(bus.isConnected(), false);
    await assert.rejects(bus.publish(messageOn(subject)), TransientError);
    bus.setConnected(true);
    await bus.publish(messageOn(subject));
    await recorder.received(1);
  });

  it("drops the oldest messages when a stream is full or they are too old", async () => {
    let nowMs = 0;
    await using bus = createMemoryBus({ clock: { now: () => new Date(nowMs) } });
    await bus.ensureStream({ ...streamSpec, maxAgeMs: 1000, maxBytes: 6 });
    const { spec, subject } = freshConsumer();
    const old = messageOn(subject);
    await bus.publish(old);
    nowMs = 1000;
    const kept = [messageOn(subject), messageOn(subject), messageOn(subject)];
    for (const message of kept) {
      await bus.publish(message);
    }
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await recorder.received(2);
    assert.deepEqual(
      recorder.ids,
      kept.slice(1).map(({ id }) => id),
    );
  });
});
