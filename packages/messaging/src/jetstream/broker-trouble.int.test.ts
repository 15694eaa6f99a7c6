import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { AppError, TransientError } from "@ordersaga/kernel";
import { type LocalNats, startNats } from "@ordersaga/local-servers";
import { silentLogger } from "@ordersaga/telemetry";

import { freshConsumer, messageOn, messagesOn, streamSpec } from "../contract.ts";
import type { ConsumerSpec, MessageBus, OutgoingMessage } from "../message-bus.ts";
import { idOf, Recorder, until } from "../recorder.ts";
import { connectJetStream } from "./bus.ts";

const dataDir = await mkdtemp(join(tmpdir(), "ordersaga-messaging-"));
const nats: LocalNats = await startNats({ dataDir, port: 0 });
after(async () => {
  await nats.stop();
  await rm(dataDir, { recursive: true });
});

describe("the JetStream bus, when the broker is in trouble,", () => {
  let bus: MessageBus;
  beforeEach(async () => {
    bus = await open();
    await bus.ensureStream(streamSpec);
  });
  afterEach(() => bus[Symbol.asyncDispose]());

  it("goes on after a restart of the broker in the middle, with every message", async () => {
    const { spec, subject } = freshConsumer({ ackWaitMs: 1000 });
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    const messages = messagesOn(subject, 2000);
    const publishing = publishAll(bus, messages);
    await recorder.received(200);
    await nats.restart();
    await publishing;
    await receivedAll(recorder, messages);
  });

  it("goes on after the broker was killed", async () => {
    const { spec, subject } = freshConsumer({ ackWaitMs: 1000 });
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    const messages = messagesOn(subject, 2000);
    const publishing = publishAll(bus, messages);
    await recorder.received(200);
    await nats.kill();
    await nats.restart();
    await publishing;
    await until(() => bus.isConnected(), { withinMs: 10_000, otherwise: () => "not connected" });
    const last = messageOn(subject);
    await publishAll(bus, [last]);
    await receivedAll(recorder, [last]);
  });

  it("makes streams and consumers again when the broker lost its directory", async () => {
    await bus.ensureStream({ ...streamSpec, name: "WIPED", subjects: ["wiped.>"] });
    const subject = "wiped.event";
    const spec = { ...freshConsumer().spec, stream: "WIPED", subject };
    const unanswered = new Recorder(() => undefined);
    await using _subscription = await bus.subscribe(spec, unanswered.onDelivery);
    await publishAll(bus, messagesOn(subject, 10));
    await unanswered.received(10);
    const before = await bus.streamIdentity("WIPED");
    await nats.stop();
    nats.wipe();
    await until(() => !bus.isConnected(), { withinMs: 5000, otherwise: () => "still connected" });
    await assert.rejects(bus.publish(messageOn(subject)), TransientError);
    await nats.restart();
    const messages = messagesOn(subject, 10);
    await publishAll(bus, messages);
    await receivedAll(unanswered, messages);
    const now = await bus.streamIdentity("WIPED");
    assert.notEqual(now?.createdAt, before?.createdAt);
    assert.equal(now?.lastSequence, 10);
    // Answers to what the lost broker had delivered must not answer the messages of the new one.
    unanswered.deliveries.slice(0, 10).forEach((delivery) => delivery.ack());
    await publishAll(bus, [messageOn(subject)]);
    await unanswered.received(21);
    assert.equal(await unansweredAtBroker(spec), 11);
    unanswered.deliveries.slice(10).forEach((delivery) => delivery.ack());
    await until(async () => (await unansweredAtBroker(spec)) === 0, {
      withinMs: 5000,
      otherwise: () => "answers to the new broker's messages did not arrive",
    });
  });

  it("gives up waiting for a broker that hangs, and goes on when it wakes up", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    const messages: OutgoingMessage[] = [];
    const isRefused = (): Promise<boolean> => {
      const message = messageOn(subject);
      messages.push(message);
      return bus.publish(message).then(isFalse, (error) => error instanceof TransientError);
    };
    process.kill(nats.pid(), "SIGSTOP");
    try {
      await until(isRefused, { withinMs: 20_000, otherwise: () => "nothing was refused" });
    } finally {
      process.kill(nats.pid(), "SIGCONT");
    }
    await publishAll(bus, messages);
    await receivedAll(recorder, messages);
    assert.equal(recorder.deliveries.length, messages.length);
  });

  it("sends answers that were given while the broker was away", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder(() => undefined);
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await publishAll(bus, messagesOn(subject, 10));
    await recorder.received(10);
    await nats.stop();
    await until(() => !bus.isConnected(), { withinMs: 5000, otherwise: () => "still connected" });
    recorder.deliveries.forEach((delivery) => delivery.ack());
    await nats.restart();
    await until(async () => (await unansweredAtBroker(spec)) === 0, {
      withinMs: 10_000,
      otherwise: () => "the answers did not arrive",
    });
  });

  it("makes a consumer again that somebody deleted", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await withManager((manager) => manager.consumers.delete(spec.stream, spec.durable));
    await publishAll(bus, [messageOn(subject)]);
    await recorder.received(1);
  });

  it("makes a stream and its consumers again that somebody deleted", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await withManager((manager) => manager.streams.delete(spec.stream));
    const message = messageOn(subject);
    await publishAll(bus, [message]);
    await receivedAll(recorder, [message]);
  });

  it("says so when the broker refuses a stream for good", async () => {
    const overlapping = { ...streamSpec, name: "OVERLAPPING" };
    await assert.rejects(
      bus.ensureStream(overlapping),
      (error) => error instanceof AppError && error.code === "FAILED_PRECONDITION",
    );
  });

  it("waits for a broker that is not there at first, until it is told not to", async () => {
    await nats.stop();
    const waiting = open();
    const impatient = new AbortController();
    const given = open(impatient.signal);
    impatient.abort();
    await assert.rejects(given, (error) => error instanceof AppError && error.code === "CANCELLED");
    await nats.restart();
    await using late = await waiting;
    await late.ensureStream(streamSpec);
    await late.publish(messageOn(freshConsumer().subject));
  });

  it("closes in time while the broker is away", async () => {
    const { spec } = freshConsumer();
    const other = await open();
    await other.subscribe(spec, new Recorder().onDelivery);
    await nats.stop();
    await until(() => !other.isConnected(), { withinMs: 5000, otherwise: () => "still connected" });
    const startMs = performance.now();
    await other[Symbol.asyncDispose]();
    assert.ok(performance.now() - startMs < 3000);
    await nats.restart();
  });

  it("goes on when the directory is deleted under the running broker", async () => {
    const { spec, subject } = freshConsumer();
    const recorder = new Recorder();
    await using _subscription = await bus.subscribe(spec, recorder.onDelivery);
    await publishAll(bus, messagesOn(subject, 10));
    await rm(join(dataDir, "store"), { recursive: true });
    const data = new Uint8Array(256 * 1024);
    const filling = Array.from({ length: 100 }, () => messageOn(subject, { data }));
    await publishAll(bus, filling);
    // Some of those were lost with the files; an outbox would see a new stream and send them again.
    const messages = messagesOn(subject, 10);
    await publishAll(bus, messages);
    await receivedAll(recorder, messages);
  });
});

/** Looks at streams and consumers so seldom that only what the bus notices can help it. */
function open(signal?: AbortSignal): Promise<MessageBus> {
  return connectJetStream({
    servers: nats.url,
    name: "trouble",
    log: silentLogger,
    drainMs: 1000,
    ackTimeoutMs: 2000,
    checkEveryMs: 60_000,
    ...(signal && { signal }),
  });
}

/** Publishes each message until it is acknowledged, as an outbox does. */
async function publishAll(bus: MessageBus, messages: readonly OutgoingMessage[]): Promise<void> {
  await Promise.all(
    messages.map((message) =>
      until(() => bus.publish(message).then(isTrue, isFalse), {
        withinMs: 30_000,
        otherwise: () => `${message.id} was not published`,
      }),
    ),
  );
}

async function receivedAll(
  recorder: Recorder,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const missing = new Set(messages.map(({ id }) => id));
  await until(
    () => {
      recorder.deliveries.forEach((delivery) => missing.delete(idOf(delivery)));
      return missing.size === 0;
    },
    { withinMs: 30_000, otherwise: () => `${missing.size} of ${messages.length} did not come` },
  );
}

async function unansweredAtBroker({ stream, durable }: ConsumerSpec): Promise<number> {
  const info = await withManager((manager) => manager.consumers.info(stream, durable));
  return info.num_ack_pending;
}

async function withManager<T>(
  action: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: nats.url });
  try {
    return await action(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
