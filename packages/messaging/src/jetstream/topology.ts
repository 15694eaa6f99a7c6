import { setTimeout as delay } from "node:timers/promises";

import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { AppError, TransientError } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import type { ConsumerSpec, StreamSpec } from "../message-bus.ts";
import type { Names } from "./names.ts";

/** What the broker says about a consumer. */
export type ConsumerState = {
  /** Tells a consumer from one of the same name that was made later. */
  readonly createdAt: string;
  /** Sequence in the stream of the latest message that it delivered to anybody. */
  readonly deliveredSequence: number;
};

/** A consumer that is to be there, and who wants to hear each time that it was seen to be there. */
export type WantedConsumer = {
  readonly spec: ConsumerSpec;
  readonly onPresent: (state: ConsumerState) => void;
};

export type TopologyOptions = {
  readonly manager: JetStreamManager;
  readonly names: Names;
  readonly log: Logger;
  readonly duplicateWindowMs: number;
};

/** The streams and consumers that were asked for: makes them, and makes them again when they vanish. */
export class Topology {
  readonly #options: TopologyOptions;
  readonly #streams = new Map<string, StreamSpec>();
  readonly #streamCreatedAt = new Map<string, string>();
  readonly #consumers = new Set<WantedConsumer>();
  readonly #closed = new AbortController();
  #check: Check | undefined;
  #rebuilding: Promise<void> | undefined;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  /** Resolves when the stream is there with these limits. Throws when the broker refuses it for good. */
  async ensureStream(spec: StreamSpec): Promise<void> {
    await this.#retry(() => this.#putStream(spec));
    this.#streams.set(spec.name, spec);
  }

  /** Resolves when the consumer is there and was told so. Waits for its stream. */
  async ensureConsumer(consumer: WantedConsumer): Promise<void> {
    const state = await this.#retry(() => this.#putConsumer(consumer.spec));
    this.#consumers.add(consumer);
    consumer.onPresent(state);
  }

  forget(consumer: WantedConsumer): void {
    this.#consumers.delete(consumer);
  }

  /** Looks whether everything is still there, at once or after the look that is under way. */
  check(): void {
    if (this.#check !== undefined) {
      this.#check.isWantedAgain = true;
      return;
    }
    const check: Check = { isWantedAgain: false };
    this.#check = check;
    void this.#checkAll(check).then(() => {
      if (this.#check === check) {
        this.#check = undefined;
        if (check.isWantedAgain && !this.#closed.signal.aborted) {
          this.check();
        }
      }
    });
  }

  /** What was asked before will not be answered, and a look after it must not wait for it. */
  onDisconnect(): void {
    this.#check = undefined;
  }

  /**
   * Makes a stream anew whose files were deleted under the running broker: it would refuse messages for
   * ever. What was in it comes again from the outboxes of its publishers, as the broker is not the truth.
   */
  rebuild(streamAtBroker: string): void {
    const { names, log } = this.#options;
    const spec = [...this.#streams.values()].find(
      ({ name }) => names.stream(name) === streamAtBroker,
    );
    if (spec === undefined || this.#rebuilding !== undefined) {
      return;
    }
    this.#rebuilding = this.#rebuild(spec)
      .catch((error: unknown) => log.warn({ err: error }, "a stream could not be made anew"))
      .finally(() => {
        this.#rebuilding = undefined;
      });
  }

  close(): void {
    this.#closed.abort();
  }

  async #checkAll(check: Check): Promise<void> {
    const { log } = this.#options;
    try {
      await Promise.all([...this.#streams.values()].map((spec) => this.#checkStream(spec)));
      const consumers = [...this.#consumers];
      await Promise.all(consumers.map((consumer) => this.#checkConsumer(consumer, check)));
    } catch (error) {
      if (!this.#closed.signal.aborted) {
        log.debug({ err: error }, "streams and consumers could not be looked at");
      }
    }
    await this.#pause(checkSpacingMs);
  }

  /** Another process may have been faster: only the stream known to be broken is deleted. */
  async #rebuild(spec: StreamSpec): Promise<void> {
    const { manager, names, log } = this.#options;
    const name = names.stream(spec.name);
    const { created } = await manager.streams.info(name);
    if (this.#streamCreatedAt.get(spec.name) === created) {
      log.error({ stream: spec.name }, "the stream has lost its files: making it anew");
      await manager.streams.delete(name);
    }
    this.check();
  }

  async #checkStream(spec: StreamSpec): Promise<void> {
    const { manager, names, log } = this.#options;
    try {
      const { created } = await manager.streams.info(names.stream(spec.name));
      this.#streamCreatedAt.set(spec.name, created);
    } catch (error) {
      if (codeOf(error) !== JetStreamApiCodes.StreamNotFound) {
        throw error;
      }
      log.warn({ stream: spec.name }, "the stream has vanished: making it again");
      await this.#pause(deletingMs);
      await this.#putStream(spec);
    }
  }

  async #checkConsumer(consumer: WantedConsumer, check: Check): Promise<void> {
    const { manager, names, log } = this.#options;
    const { stream, durable } = consumer.spec;
    let state: ConsumerState;
    try {
      state = stateIn(await manager.consumers.info(names.stream(stream), names.durable(durable)));
    } catch (error) {
      if (codeOf(error) !== JetStreamApiCodes.ConsumerNotFound) {
        throw error;
      }
      log.warn({ stream, durable }, "the consumer has vanished: making it again");
      await this.#pause(deletingMs);
      state = await this.#putConsumer(consumer.spec);
    }
    if (this.#check === check && this.#consumers.has(consumer)) {
      consumer.onPresent(state);
    }
  }

  async #putStream(spec: StreamSpec): Promise<void> {
    const { manager, names, duplicateWindowMs } = this.#options;
    const limits = {
      subjects: spec.subjects.map((subject) => names.subject(subject)),
      max_age: nanos(spec.maxAgeMs),
      max_bytes: spec.maxBytes,
      duplicate_window: nanos(Math.min(duplicateWindowMs, spec.maxAgeMs)),
      discard: DiscardPolicy.Old,
    };
    const name = names.stream(spec.name);
    try {
      const { created } = await manager.streams.add({
        ...limits,
        name,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
      });
      this.#streamCreatedAt.set(spec.name, created);
    } catch (error) {
      if (codeOf(error) !== streamNameInUse) {
        throw error;
      }
      const { created } = await manager.streams.update(name, limits);
      this.#streamCreatedAt.set(spec.name, created);
    }
  }

  async #putConsumer(spec: ConsumerSpec): Promise<ConsumerState> {
    const { manager, names } = this.#options;
    const stream = names.stream(spec.stream);
    const durable = names.durable(spec.durable);
    const limits = {
      filter_subject: names.subject(spec.subject),
      ack_wait: nanos(spec.ackWaitMs),
      max_ack_pending: spec.maxAckPending,
      max_deliver: -1,
    };
    try {
      return stateIn(
        await manager.consumers.add(stream, {
          ...limits,
          durable_name: durable,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.All,
        }),
      );
    } catch (error) {
      if (!consumerNameInUse.includes(codeOf(error) ?? 0)) {
        throw error;
      }
      return stateIn(await manager.consumers.update(stream, durable, limits));
    }
  }

  /** Until it succeeds, is refused for good, or the bus is closed. */
  async #retry<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#closed.signal.aborted) {
        throw new TransientError("the message bus is closed");
      }
      try {
        return await action();
      } catch (error) {
        const refusal = refusalIn(error);
        if (refusal !== undefined) {
          throw refusal;
        }
        this.#options.log.debug({ err: error }, "the broker is not ready: trying again");
        await this.#pause(retryMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
  }
}

/** One look at everything; abandoned when it is no longer the topology's. */
type Check = { isWantedAgain: boolean };

const retryMs = 200;
const checkSpacingMs = 50;

/** nats-server 2.9 goes on deleting files after it says that they are gone, those of a successor too. */
const deletingMs = 500;

/** Error codes of nats-server, from its `errors.json`. */
const streamNameInUse = 10058;
const consumerNameInUse: readonly number[] = [10013, 10105, 10148];

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function stateIn(info: {
  readonly created: string;
  readonly delivered: { readonly stream_seq: number };
}): ConsumerState {
  return { createdAt: info.created, deliveredSequence: info.delivered.stream_seq };
}

/** What will not pass by itself: a stream whose subjects belong to another, a limit that cannot be had. */
function refusalIn(error: unknown): AppError | undefined {
  if (!(error instanceof JetStreamApiError) || error.status === 503 || error.status === 404) {
    return undefined;
  }
  return new AppError({
    code: "FAILED_PRECONDITION",
    message: `the broker refuses: ${error.message}`,
    cause: error,
  });
}
