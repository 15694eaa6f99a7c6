import { type Clock, systemClock, TransientError } from "@ordersaga/kernel";

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
import { MemoryConsumer, type MemorySubscriber } from "./consumer.ts";
import { MemoryStream } from "./stream.ts";

export type MemoryBusOptions = {
  readonly clock?: Clock;
  /** How long a message id is remembered. Default 30 s. */
  readonly duplicateWindowMs?: number;
};

/** A message bus inside one process, for tests; it can be made to fail as a broker does. */
export type MemoryBus = MessageBus & {
  /** Everything is gone, as if the broker's directory was deleted; streams and consumers are made again. */
  readonly wipe: () => void;
  /** Cut off, it refuses to publish and delivers nothing. */
  readonly setConnected: (isConnected: boolean) => void;
};

/** Makes a bus that keeps its messages in memory and otherwise behaves as JetStream does. */
export function createMemoryBus(options: MemoryBusOptions = {}): MemoryBus {
  return new InProcessBus(options);
}

class InProcessBus implements MemoryBus {
  readonly #clock: Clock;
  readonly #duplicateWindowMs: number;
  readonly #streams = new Map<string, MemoryStream>();
  readonly #consumers = new Map<string, MemoryConsumer>();
  readonly #waitingForStream = new Map<string, (() => void)[]>();
  #isConnected = true;

  constructor(options: MemoryBusOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#duplicateWindowMs = options.duplicateWindowMs ?? 30_000;
  }

  readonly ensureStream = async (spec: StreamSpec): Promise<void> => {
    const existing = this.#streams.get(spec.name);
    if (existing !== undefined) {
      existing.spec = spec;
      return;
    }
    this.#streams.set(spec.name, this.#newStream(spec));
    for (const resolve of this.#waitingForStream.get(spec.name) ?? []) {
      resolve();
    }
    this.#waitingForStream.delete(spec.name);
  };

  readonly publish = async (message: OutgoingMessage): Promise<PublishAck> => {
    if (!this.#isConnected) {
      throw new TransientError("the broker is out of reach");
    }
    for (const stream of this.#streams.values()) {
      if (stream.takes(message.subject)) {
        const ack = stream.append(message, this.#nowMs());
        this.#consumersOf(stream.spec.name).forEach((consumer) => consumer.pump());
        return ack;
      }
    }
    throw new TransientError(`no stream takes ${message.subject}`);
  };

  readonly subscribe = async (
    spec: ConsumerSpec,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Subscription> => {
    const stream = this.#streams.get(spec.stream) ?? (await this.#streamOnceMade(spec.stream));
    const key = `${spec.stream} ${spec.durable}`;
    const consumer = this.#consumers.get(key) ?? new MemoryConsumer(spec, stream);
    this.#consumers.set(key, consumer);
    const subscriber: MemorySubscriber = { onDelivery, isPaused: false };
    consumer.add(subscriber);
    const stop = async (): Promise<void> => consumer.remove(subscriber);
    return {
      pause: () => {
        subscriber.isPaused = true;
      },
      resume: () => {
        subscriber.isPaused = false;
        consumer.pump();
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  };

  readonly streamIdentity = async (stream: string): Promise<StreamIdentity | undefined> =>
    this.#isConnected ? this.#streams.get(stream)?.identity() : undefined;

  readonly isConnected = (): boolean => this.#isConnected;

  readonly wipe = (): void => {
    for (const { spec } of this.#streams.values()) {
      const stream = this.#newStream(spec);
      this.#streams.set(spec.name, stream);
      this.#consumersOf(spec.name).forEach((consumer) => consumer.restart(stream));
    }
  };

  readonly setConnected = (isConnected: boolean): void => {
    this.#isConnected = isConnected;
    this.#consumers.forEach((consumer) => consumer.setConnected(isConnected));
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.setConnected(false);
    this.#consumers.forEach((consumer) => consumer.close());
  }

  #newStream(spec: StreamSpec): MemoryStream {
    return new MemoryStream({
      spec,
      duplicateWindowMs: this.#duplicateWindowMs,
      nowMs: this.#nowMs(),
    });
  }

  async #streamOnceMade(name: string): Promise<MemoryStream> {
    await new Promise<void>((resolve) => {
      this.#waitingForStream.set(name, [...(this.#waitingForStream.get(name) ?? []), resolve]);
    });
    return this.#streams.get(name) ?? (await this.#streamOnceMade(name));
  }

  #consumersOf(stream: string): readonly MemoryConsumer[] {
    return [...this.#consumers.values()].filter(({ spec }) => spec.stream === stream);
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
