import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";

import { silentLogger } from "@ordersaga/telemetry";
import { testNats } from "@ordersaga/testkit";

import { freshConsumer, messageOn, messagesOn, streamSpec } from "../contract.ts";
import type { MessageBus } from "../message-bus.ts";
import { Recorder } from "../recorder.ts";
import { connectJetStream } from "./bus.ts";

const nats = await testNats();
after(() => nats[Symbol.asyncDispose]());

const KiB = 1024;

describe("the JetStream bus, within its limits,", () => {
  let bus: MessageBus;
  beforeEach(async () => {
    bus = await connectJetStream({
      servers: nats.servers,
      prefix: nats.prefix,
      name: "limits",
      log: silentLogger,
      maxInFlight: 3,
      maxInFlightBytes: 200 * KiB,
      maxUnansweredBytes: 256 * KiB,
    });
    await bus.ensureStream(streamSpec);
  });
  afterEach(() => bus[Symbol.asyncDispose]());

  it("has no more bytes unanswered than allowed, and goes on with the answers", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder(() => undefined);
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    const data = new Uint8Array(60 * KiB);
    await Promise.all(Array.from({ length: 12 }, () => bus.publish(messageOn(subject, { data }))));
    await recorder.received(3);
    await settled(bus);
    assert.ok(recorder.deliveries.length <= 4, `${recorder.deliveries.length} at once`);
    for (let answered = 0; answered < 12; answered++) {
      const deliveries = await recorder.received(answered + 1);
      deliveries[answered]?.ack();
    }
    assert.ok(recorder.deliveries.every(({ deliveryCount }) => deliveryCount === 1));
  });

  it("takes a message that is larger than the limit alone", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await bus.publish(messageOn(subject, { data: new Uint8Array(700 * KiB) }));
    const later = messageOn(subject);
    await bus.publish(later);
    await recorder.received(2);
    assert.equal(recorder.ids[1], later.id);
  });

  it("publishes in order what has to wait for its turn", async () => {
    const { spec, subject } = freshConsumer();
    const messages = messagesOn(subject, 3000);
    const acks = await Promise.all(messages.map(bus.publish));
    const sequences = acks.map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await recorder.received(3000);
    assert.deepEqual(
      recorder.ids,
      messages.map(({ id }) => id),
    );
  });

  it("refuses a message that the broker would not take, and others go on", async () => {
    const { subject } = freshConsumer();
    const tooLarge = messageOn(subject, { data: new Uint8Array(2 * KiB * KiB) });
    await assert.rejects(bus.publish(tooLarge), /max_payload/);
    await bus.publish(messageOn(subject));
  });

  it("publishes everything that waits before it closes, and nothing afterwards", async () => {
    const { subject } = freshConsumer();
    const acks = messagesOn(subject, 200).map(bus.publish);
    await bus[Symbol.asyncDispose]();
    assert.equal(
      (await Promise.allSettled(acks)).filter(({ status }) => status !== "fulfilled").length,
      0,
    );
    await assert.rejects(bus.publish(messageOn(subject)), /closed/);
    assert.equal(bus.isConnected(), false);
  });
});

/** Whatever was under way to a consumer before has arrived when this resolves. */
async function settled(bus: MessageBus): Promise<void> {
  const { spec, subject } = freshConsumer();
  const recorder = new Recorder();
  await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
  await bus.publish(messageOn(subject));
  await recorder.received(1);
}
