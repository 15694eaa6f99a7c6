import { setTimeout as delay } from "node:timers/promises";

import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { TransientError } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import type {
  ConsumerSpec,
  Delivery,
  MessageBus,
  OutgoingMessage,
  PublishAck,
  StreamIdentity,
  StreamSpec,
  Subscription,
} from "../message-bus.ts";
import { connectToBroker, watchConnection } from "./connection.ts";
import { type Names, namesWith } from "./names.ts";
import { Publisher, type Refusal } from "./publisher.ts";
import { PullConsumer } from "./pull-consumer.ts";
import { Topology } from "./topology.ts";

export type JetStreamOptions = {
  /** One or more URLs, separated by commas. */
  readonly servers: string;
  /** Shown by the broker as the name of the connection. */
  readonly name: string;
  readonly log: Logger;
  /** Ends the waiting for a broker that is not there yet. */
  readonly signal?: AbortSignal;
  /** Put before streams, durables and subjects, to keep tests on one broker apart. */
  readonly prefix?: string;
  /** How long a publish waits for its acknowledgement. Default 5 s. */
  readonly ackTimeoutMs?: number;
  /** Publishes that may be unacknowledged at once. Default 1,000. */
  readonly maxInFlight?: number;
  /** Bytes of publishes that may be unacknowledged at once. Default 8 MiB. */
  readonly maxInFlightBytes?: number;
  /** Bytes of deliveries that may be unanswered at once, for each subscription. Default 4 MiB. */
  readonly maxUnansweredBytes?: number;
  /** How long the broker remembers message ids. Default 30 s. */
  readonly duplicateWindowMs?: number;
  /** How often streams and consumers are looked at. Default 2 s. */
  readonly checkEveryMs?: number;
  /** How long closing waits for what is under way. Default 5 s. */
  readonly drainMs?: number;
};

/**
 * Connects to NATS JetStream (server 2.9 or newer). Waits for a broker that is not there yet, reconnects for
 * ever, and makes streams and consumers again that vanish.
 */
export async function connectJetStream(options: JetStreamOptions): Promise<MessageBus> {
  const { servers, name, log, signal } = options;
  const connection = await connectToBroker({ servers, name, log, signal });
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 2000 });
  return new JetStreamBus({ options, connection, manager });
}

class JetStreamBus implements MessageBus {
  readonly #options: JetStreamOptions;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #names: Names;
  readonly #publisher: Publisher;
  readonly #topology: Topology;
  readonly #consumers = new Set<PullConsumer>();
  readonly #timers: readonly NodeJS.Timeout[];
  #isConnected = true;
  #closing: Promise<void> | undefined;

  constructor(parts: {
    readonly options: JetStreamOptions;
    readonly connection: NatsConnection;
    readonly manager: JetStreamManager;
  }) {
    const { options, connection, manager } = parts;
    this.#options = options;
    this.#connection = connection;
    this.#manager = manager;
    this.#names = namesWith(options.prefix);
    this.#topology = new Topology({
      manager,
      names: this.#names,
      log: options.log,
      duplicateWindowMs: options.duplicateWindowMs ?? 30_000,
    });
    this.#publisher = new Publisher({
      connection,
      names: this.#names,
      ackTimeoutMs: options.ackTimeoutMs ?? 5000,
      maxInFlight: options.maxInFlight ?? 1000,
      maxInFlightBytes: options.maxInFlightBytes ?? 8 * 1024 * 1024,
      onRefused: (refusal) => this.#onRefused(refusal),
    });
    this.#timers = [
      setInterval(() => this.#tick(), 500),
      setInterval(() => this.#check(), options.checkEveryMs ?? 2000),
    ];
    void watchConnection(connection, {
      log: options.log,
      onDisconnect: () => this.#onDisconnect(),
      onReconnect: () => this.#onReconnect(),
    });
  }

  readonly ensureStream = (stream: StreamSpec): Promise<void> =>
    this.#topology.ensureStream(stream);

  readonly publish = (message: OutgoingMessage): Promise<PublishAck> =>
    this.#closing === undefined
      ? this.#publisher.publish(message)
      : Promise.reject(new TransientError("the message bus is closed"));

  readonly subscribe = async (
    spec: ConsumerSpec,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Subscription> => {
    const consumer: PullConsumer = new PullConsumer({
      connection: this.#connection,
      names: this.#names,
      log: this.#options.log,
      spec,
      onDelivery,
      maxBytes: this.#options.maxUnansweredBytes ?? 4 * 1024 * 1024,
      onDoubt: () => this.#topology.check(),
      onStopped: () => {
        this.#topology.forget(consumer);
        this.#consumers.delete(consumer);
      },
    });
    this.#consumers.add(consumer);
    try {
      await this.#topology.ensureConsumer(consumer);
    } catch (error) {
      await consumer.stop();
      throw error;
    }
    return consumer;
  };

  readonly streamIdentity = async (stream: string): Promise<StreamIdentity | undefined> => {
    if (!this.#isConnected) {
      throw new TransientError("the broker is out of reach");
    }
    try {
      const { created, state } = await this.#manager.streams.info(this.#names.stream(stream));
      return { createdAt: created, lastSequence: state.last_seq };
    } catch (error) {
      const isMissing =
        error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
      if (isMissing) {
        return undefined;
      }
      throw new TransientError(`the broker does not tell about the stream ${stream}`, error);
    }
  };

  readonly isConnected = (): boolean => this.#isConnected && this.#closing === undefined;

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#publisher.tick(nowMs);
    this.#consumers.forEach((consumer) => consumer.tick(nowMs));
  }

  #check(): void {
    if (this.#isConnected) {
      this.#topology.check();
    }
  }

  #onRefused({ stream, reason }: Refusal): void {
    if (stream !== undefined && /no such file or directory/.test(reason)) {
      this.#topology.rebuild(stream);
    } else {
      this.#topology.check();
    }
  }

  #onDisconnect(): void {
    this.#isConnected = false;
    this.#publisher.onDisconnect();
    this.#topology.onDisconnect();
    this.#consumers.forEach((consumer) => consumer.onDisconnect());
  }

  #onReconnect(): void {
    this.#isConnected = true;
    this.#publisher.onReconnect();
    this.#topology.check();
  }

  async #close(): Promise<void> {
    const deadline = AbortSignal.timeout(this.#options.drainMs ?? 5000);
    await orUntil(deadline, this.#drain(deadline));
    this.#topology.close();
    this.#timers.forEach((timer) => clearInterval(timer));
    this.#publisher.onDisconnect();
    await this.#connection.close();
  }

  async #drain(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    while (!this.#publisher.isIdle() && !deadline.aborted) {
      await delay(5);
    }
    if (this.#isConnected) {
      await this.#connection.drain();
    }
  }
}

/** Waits for the work, but no longer than the deadline; a failure of the work ends the waiting. */
async function orUntil(deadline: AbortSignal, work: Promise<void>): Promise<void> {
  const passed = new Promise<void>((resolve) => {
    deadline.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([passed, work.catch(() => undefined)]);
}
