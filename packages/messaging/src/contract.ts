import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { TransientError } from "@ordersaga/kernel";

import type { ConsumerSpec, MessageBus, OutgoingMessage, StreamSpec } from "./message-bus.ts";
import { idOf, Recorder, until } from "./recorder.ts";

/** What every message bus promises, as tests. `open` is called once; the bus is closed at the end. */
export function messageBusContract(name: string, open: () => Promise<MessageBus>): void {
  describe(`${name} keeps the contract of a message bus: it`, () => {
    let bus: MessageBus;
    before(async () => {
      bus = await open();
      await bus.ensureStream(streamSpec);
    });
    after(() => bus[Symbol.asyncDispose]());

    it("delivers what is published, with its headers and its id", async () => {
      const { spec, subject } = freshConsumer();
      const recorder = new Recorder();
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const message = messageOn(subject, { headers: { "ce-type": "order.v1.Created" } });
      const ack = await bus.publish(message);
      const [delivery] = await recorder.received(1);
      assert.deepEqual(ack, {
        stream: spec.stream,
        sequence: delivery?.streamSequence,
        duplicate: false,
      });
      assert.equal(delivery?.subject, subject);
      assert.equal(delivery.stream, spec.stream);
      assert.equal(delivery.deliveryCount, 1);
      assert.deepEqual({ ...delivery.headers }, { "Nats-Msg-Id": message.id, ...message.headers });
      assert.deepEqual(new Uint8Array(delivery.data), message.data);
    });

    it("acknowledges a known id as a duplicate and does not deliver it again", async () => {
      const { spec, subject } = freshConsumer();
      const recorder = new Recorder();
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const message = messageOn(subject);
      const first = await bus.publish(message);
      const second = await bus.publish(message);
      assert.deepEqual(second, { ...first, duplicate: true });
      const last = messageOn(subject);
      await bus.publish(last);
      await recorder.received(2);
      assert.deepEqual(recorder.ids, [message.id, last.id]);
    });

    it("delivers what nobody answered again, after the acknowledgement wait", async () => {
      const { spec, subject } = freshConsumer({ ackWaitMs: 200 });
      const recorder = new Recorder((delivery) => {
        if (delivery.deliveryCount === 2) {
          delivery.ack();
        }
      });
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const startMs = performance.now();
      await bus.publish(messageOn(subject));
      const deliveries = await recorder.received(2);
      assert.ok(performance.now() - startMs >= 150);
      assert.deepEqual(
        deliveries.map(({ deliveryCount }) => deliveryCount),
        [1, 2],
      );
    });

    it("waits longer for an answer to what is still being worked on", async () => {
      const { spec, subject } = freshConsumer({ ackWaitMs: 400 });
      const recorder = new Recorder(() => undefined);
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      await bus.publish(messageOn(subject));
      const [delivery] = await recorder.received(1);
      const startMs = performance.now();
      await until(
        () => {
          delivery?.working();
          return performance.now() - startMs > 1000;
        },
        { withinMs: 5000, otherwise: () => "time stands still" },
      );
      assert.equal(recorder.deliveries.length, 1);
      delivery?.ack();
    });

    it("delivers again after the delay of a nak, and later messages meanwhile", async () => {
      const { spec, subject } = freshConsumer();
      const refused = messageOn(subject);
      const recorder = new Recorder((delivery) => {
        const isFirst = idOf(delivery) === refused.id && delivery.deliveryCount === 1;
        return isFirst ? delivery.nak(300) : delivery.ack();
      });
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const later = messageOn(subject);
      const startMs = performance.now();
      await bus.publish(refused);
      await bus.publish(later);
      const deliveries = await recorder.received(3);
      assert.ok(performance.now() - startMs >= 250);
      assert.deepEqual(recorder.ids, [refused.id, later.id, refused.id]);
      assert.equal(deliveries[2]?.deliveryCount, 2);
    });

    it("delivers each subject of a stream to its own consumer, in order", async () => {
      const one = freshConsumer();
      const other = freshConsumer();
      const ofOne = new Recorder();
      const ofOther = new Recorder();
      await using _one = await bus.subscribe(one.spec, ofOne.onDelivery);
      await using _other = await bus.subscribe(other.spec, ofOther.onDelivery);
      const toOne = messagesOn(one.subject, 20);
      const toOther = messagesOn(other.subject, 20);
      await Promise.all(toOne.flatMap((m, i) => [m, ...toOther.slice(i, i + 1)]).map(bus.publish));
      await Promise.all([ofOne.received(20), ofOther.received(20)]);
      assert.deepEqual(ofOne.ids, toOne.map(messageId));
      assert.deepEqual(ofOther.ids, toOther.map(messageId));
    });

    it("splits the messages of one durable between its subscriptions", async () => {
      const { spec, subject } = freshConsumer({ maxAckPending: 10 });
      const one = new Recorder(() => undefined);
      const other = new Recorder(() => undefined);
      await using _one = await bus.subscribe(spec, one.onDelivery);
      await using _other = await bus.subscribe(spec, other.onDelivery);
      const messages = messagesOn(subject, 100);
      await Promise.all(messages.map(bus.publish));
      const answered = new Set<string>();
      await until(
        () => {
          for (const delivery of [...one.deliveries, ...other.deliveries]) {
            delivery.ack();
            answered.add(idOf(delivery));
          }
          return answered.size === messages.length;
        },
        { withinMs: 10_000, otherwise: () => `only ${answered.size} came` },
      );
      assert.equal(one.deliveries.length + other.deliveries.length, messages.length);
      assert.ok(one.deliveries.length > 0 && other.deliveries.length > 0);
    });

    it("never has more unanswered deliveries than the consumer allows", async () => {
      const { spec, subject } = freshConsumer({ maxAckPending: 5 });
      const recorder = new Recorder(() => undefined);
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      await Promise.all(messagesOn(subject, 20).map(bus.publish));
      await recorder.received(5);
      await barrier(bus);
      assert.equal(recorder.deliveries.length, 5);
      recorder.deliveries.forEach((delivery) => delivery.ack());
      await recorder.received(10);
    });

    it("goes on where the durable stopped", async () => {
      const { spec, subject } = freshConsumer();
      const before10 = new Recorder();
      const messages = messagesOn(subject, 20);
      {
        await using _subscription = await bus.subscribe(spec, before10.onDelivery);
        await Promise.all(messages.slice(0, 10).map(bus.publish));
        await before10.received(10);
      }
      await Promise.all(messages.slice(10).map(bus.publish));
      const after10 = new Recorder();
      await using _again = await bus.subscribe(spec, after10.onDelivery);
      await after10.received(10);
      assert.deepEqual(after10.ids, messages.slice(10).map(messageId));
    });

    it("delivers what was published before the consumer existed", async () => {
      const { spec, subject } = freshConsumer();
      const messages = messagesOn(subject, 5);
      await Promise.all(messages.map(bus.publish));
      const recorder = new Recorder();
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      await recorder.received(5);
      assert.deepEqual(recorder.ids, messages.map(messageId));
    });

    it("delivers nothing published during a pause until it is resumed", async () => {
      const { spec, subject } = freshConsumer();
      const recorder = new Recorder();
      await using subscription = await bus.subscribe(spec, recorder.onDelivery);
      await bus.publish(messageOn(subject));
      await recorder.received(1);
      subscription.pause();
      subscription.pause();
      await Promise.all(messagesOn(subject, 5).map(bus.publish));
      await barrier(bus);
      assert.equal(recorder.deliveries.length, 1);
      subscription.resume();
      subscription.resume();
      const deliveries = await recorder.received(6);
      assert.ok(deliveries.every(({ deliveryCount }) => deliveryCount === 1));
    });

    it("takes answers to what it delivered before a pause", async () => {
      const { spec, subject } = freshConsumer({ ackWaitMs: 300 });
      const recorder = new Recorder(() => undefined);
      await using subscription = await bus.subscribe(spec, recorder.onDelivery);
      await bus.publish(messageOn(subject));
      const [delivery] = await recorder.received(1);
      subscription.pause();
      delivery?.ack();
      subscription.resume();
      const later = messageOn(subject);
      await bus.publish(later);
      await recorder.received(2);
      assert.equal(recorder.ids[1], later.id);
    });

    it("gives back what was not handed out when it is stopped", async () => {
      const { spec, subject } = freshConsumer({ ackWaitMs: 60_000 });
      const messages = messagesOn(subject, 50);
      await Promise.all(messages.map(bus.publish));
      const stops: Promise<void>[] = [];
      const one = new Recorder((delivery) => {
        delivery.ack();
        stops.push(subscription.stop());
      });
      const subscription = await bus.subscribe(spec, one.onDelivery);
      await one.received(1);
      await Promise.all([...stops, subscription.stop()]);
      assert.equal(one.deliveries.length, 1);
      const other = new Recorder();
      await using _other = await bus.subscribe(spec, other.onDelivery);
      await other.received(49);
      assert.deepEqual(new Set([...one.ids, ...other.ids]), new Set(messages.map(messageId)));
    });

    it("refuses, as transient, to publish on a subject that no stream takes", async () => {
      await assert.rejects(bus.publish(messageOn("nobody.cares")), TransientError);
    });

    it("brings headers back that are empty, not ASCII, or look like other headers", async () => {
      const { spec, subject } = freshConsumer();
      const recorder = new Recorder();
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const headers = {
        empty: "",
        umlauts: "Größe: 百%25 😀",
        spaces: "  both ends  ",
        smuggled: "x\r\nevil: yes",
      };
      const message = messageOn(subject, { headers });
      await bus.publish(message);
      const [delivery] = await recorder.received(1);
      assert.deepEqual({ ...delivery?.headers }, { "Nats-Msg-Id": message.id, ...headers });
    });

    it("carries bodies of 512 KiB, and empty ones", async () => {
      const { spec, subject } = freshConsumer();
      const recorder = new Recorder();
      await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
      const data = new Uint8Array(512 * 1024).map((_, index) => index % 251);
      const messages = Array.from({ length: 20 }, () => messageOn(subject, { data }));
      await Promise.all(messages.map(bus.publish));
      await bus.publish(messageOn(subject, { data: new Uint8Array() }));
      const deliveries = await recorder.received(21);
      assert.ok(deliveries.slice(0, 20).every((d) => Buffer.compare(d.data, data) === 0));
      assert.equal(deliveries[20]?.data.length, 0);
    });

    it("waits with a subscription until its stream is made", async () => {
      const late = freshName();
      const subject = `${late}.event`;
      const recorder = new Recorder();
      const spec = { ...freshConsumer().spec, stream: late.toUpperCase(), subject };
      const subscribing = bus.subscribe(spec, recorder.onDelivery);
      await barrier(bus);
      await bus.ensureStream({
        ...streamSpec,
        name: late.toUpperCase(),
        subjects: [`${late}.>`],
        maxBytes: 1024 * 1024,
      });
      await using _subscription = await subscribing;
      await bus.publish(messageOn(subject));
      await recorder.received(1);
    });

    it("takes a stream that exists already, with new limits", async () => {
      await bus.ensureStream({ ...streamSpec, maxBytes: streamSpec.maxBytes / 2 });
      await bus.ensureStream(streamSpec);
    });

    it("knows a stream's identity, and that a stream does not exist", async () => {
      const { subject } = freshConsumer();
      const earlier = await bus.streamIdentity(streamSpec.name);
      const { sequence } = await bus.publish(messageOn(subject));
      const later = await bus.streamIdentity(streamSpec.name);
      assert.equal(later?.createdAt, earlier?.createdAt);
      assert.equal(later?.lastSequence, sequence);
      assert.equal(await bus.streamIdentity("NOBODY"), undefined);
    });
  });
}

/** The stream that the contract publishes on. */
export const streamSpec: StreamSpec = {
  name: "CONTRACT",
  subjects: ["contract.>"],
  maxAgeMs: 3_600_000,
  maxBytes: 64 * 1024 * 1024,
};

/** A consumer that no other test uses, and its subject. */
export function freshConsumer(limits: Partial<ConsumerSpec> = {}): {
  readonly spec: ConsumerSpec;
  readonly subject: string;
} {
  const name = freshName();
  const subject = `contract.event.${name}`;
  const spec = { stream: streamSpec.name, durable: name, subject, ackWaitMs: 30_000 };
  return { spec: { ...spec, maxAckPending: 1000, ...limits }, subject };
}

/** One message with an id of its own. */
export function messageOn(subject: string, parts: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { id: freshName(), subject, data: Uint8Array.of(1, 2, 3), headers: {}, ...parts };
}

/** Several messages, each with an id of its own. */
export function messagesOn(subject: string, count: number): readonly OutgoingMessage[] {
  return Array.from({ length: count }, () => messageOn(subject));
}

/** When it has passed, whatever was due for delivery before it has been delivered. */
async function barrier(bus: MessageBus): Promise<void> {
  const { spec, subject } = freshConsumer();
  const recorder = new Recorder();
  await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
  await bus.publish(messageOn(subject));
  await recorder.received(1);
}

let names = 0;
const freshName = (): string => `n${++names}`;
const messageId = ({ id }: OutgoingMessage): string => id;
