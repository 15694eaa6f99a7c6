import {
  createInbox,
  type Msg,
  nanos,
  type NatsConnection,
  type Subscription as InboxSubscription,
} from "@nats-io/nats-core";
import type { Logger } from "@ordersaga/telemetry";

import type { ConsumerSpec, Delivery, Subscription } from "../message-bus.ts";
import { Answers } from "./answers.ts";
import { deliveryOf } from "./delivery.ts";
import type { Names } from "./names.ts";
import type { ConsumerState } from "./topology.ts";
import { Unanswered } from "./unanswered.ts";

export type PullConsumerOptions = {
  readonly connection: NatsConnection;
  readonly names: Names;
  readonly log: Logger;
  readonly spec: ConsumerSpec;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Bytes that may be unanswered at once in this process. */
  readonly maxBytes: number;
  /** The broker does not answer for the consumer: somebody should look whether it is there. */
  readonly onDoubt: () => void;
  readonly onStopped: () => void;
};

/**
 * Pulls the messages of one durable consumer. One request at a time is open at the broker; it is as large as
 * what may still be unanswered, so that memory is bounded by the answers that are given.
 */
export class PullConsumer implements Subscription {
  readonly spec: ConsumerSpec;
  readonly #options: PullConsumerOptions;
  readonly #requestSubject: string;
  readonly #unanswered = new Unanswered();
  readonly #notHandedOut: Delivery[] = [];
  #inbox = "";
  #inboxSubscription: InboxSubscription | undefined;
  #inboxClosed: Promise<void> = Promise.resolve();
  /** Number of the latest request, and how many messages it may still bring; 0 when none is open. */
  #request = 0;
  #requested = 0;
  #heardAtMs = 0;
  #answers: Answers | undefined;
  #isVerified = false;
  #highestSequence = 0;
  #isPaused = false;
  #isStopped = false;
  #isNextTooLarge = false;
  #isPullDue = false;

  constructor(options: PullConsumerOptions) {
    const { names, spec } = options;
    this.#options = options;
    this.spec = spec;
    const consumer = `${names.stream(spec.stream)}.${names.durable(spec.durable)}`;
    this.#requestSubject = `$JS.API.CONSUMER.MSG.NEXT.${consumer}`;
    this.#openInbox();
  }

  /** The consumer was seen at the broker: goes on, or begins anew when it is not the one known before. */
  readonly onPresent = (state: ConsumerState): void => {
    if (this.#isStopped) {
      return;
    }
    const isSame = this.#answers?.isForConsumerOf(state.createdAt) === true;
    const wentBack = !this.#isVerified && state.deliveredSequence < this.#highestSequence;
    if (!isSame || wentBack) {
      this.#answers?.drop();
      this.#answers = new Answers(state.createdAt);
      this.#highestSequence = 0;
      this.#requested = 0;
      this.#unanswered.clear();
    }
    this.#isVerified = true;
    this.#answers?.release();
    this.#pull();
  };

  /** Requests and acknowledgements on their way are lost; what the broker still sends is not for us. */
  onDisconnect(): void {
    this.#isVerified = false;
    this.#requested = 0;
    this.#answers?.hold();
    if (this.#inboxSubscription !== undefined) {
      this.#inboxSubscription.unsubscribe();
      this.#openInbox();
    }
  }

  /** Notices a broker that has fallen silent, and answers that will never come; to be called now and then. */
  tick(nowMs: number): void {
    this.#unanswered.removeBefore(nowMs - this.spec.ackWaitMs);
    if (this.#requested > 0 && nowMs - this.#heardAtMs > silenceMs) {
      this.#options.log.warn({ durable: this.spec.durable }, "the consumer has fallen silent");
      this.#requested = 0;
      this.#options.onDoubt();
    }
    this.#pull();
  }

  readonly pause = (): void => {
    if (!this.#isPaused && !this.#isStopped) {
      this.#isPaused = true;
      this.#closeInbox();
    }
  };

  readonly resume = (): void => {
    if (this.#isPaused && !this.#isStopped) {
      this.#isPaused = false;
      this.#openInbox();
      this.#pull();
    }
  };

  readonly stop = async (): Promise<void> => {
    if (!this.#isStopped) {
      this.#isStopped = true;
      this.#closeInbox();
      this.#options.onStopped();
    }
    await this.#inboxClosed;
    this.#notHandedOut.splice(0).forEach((delivery) => delivery.nak(0));
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #openInbox(): void {
    this.#inbox = `${createInbox()}.`;
    this.#inboxSubscription = this.#options.connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) {
          this.#onMessage(message);
        }
      },
    });
  }

  #closeInbox(): void {
    this.#requested = 0;
    const subscription = this.#inboxSubscription;
    this.#inboxSubscription = undefined;
    if (subscription !== undefined) {
      this.#inboxClosed = this.#drain(subscription);
    }
  }

  /**
   * Lets messages that are on their way come in. Then makes the broker look at its open requests, by one that
   * expires at once, so that it forgets ours: nats-server 2.9 would give the next redelivery to a request
   * that nobody listens to any more, and that message would be missing until the acknowledgement wait is over.
   */
  async #drain(subscription: InboxSubscription): Promise<void> {
    const { connection } = this.#options;
    try {
      await subscription.drain();
      if (this.#isVerified) {
        await connection.request(this.#requestSubject, `{"batch":1,"expires":1}`, { timeout: 500 });
      }
    } catch (error) {
      this.#options.log.debug({ err: error }, "a pull was not ended in order");
    }
  }

  #pull(): void {
    const { connection, maxBytes } = this.#options;
    if (this.#inboxSubscription === undefined || !this.#isVerified || this.#requested > 0) {
      return;
    }
    const batch = Math.min(this.spec.maxAckPending, maxUnanswered) - this.#unanswered.count;
    const bytes = maxBytes - this.#unanswered.bytes;
    if (batch < 1 || bytes < maxBytes / 2) {
      return;
    }
    const size = this.#isNextTooLarge ? { batch: 1 } : { batch, max_bytes: bytes };
    const request = { ...size, expires: nanos(expiresMs), idle_heartbeat: nanos(heartbeatMs) };
    this.#isNextTooLarge = false;
    this.#requested = size.batch;
    this.#request++;
    this.#heardAtMs = performance.now();
    connection.publish(this.#requestSubject, JSON.stringify(request), {
      reply: this.#inbox + this.#request.toString(36),
    });
  }

  /** After all answers that are given together. */
  #pullSoon(): void {
    if (!this.#isPullDue) {
      this.#isPullDue = true;
      setImmediate(() => {
        this.#isPullDue = false;
        this.#pull();
      });
    }
  }

  #onMessage(message: Msg): void {
    this.#heardAtMs = performance.now();
    if (!message.subject.startsWith("_INBOX.")) {
      this.#deliver(message);
    } else if (message.subject === this.#inbox + this.#request.toString(36)) {
      this.#onStatus(message);
    }
  }

  #onStatus(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === heartbeatCode || this.#requested === 0) {
      return;
    }
    this.#requested = 0;
    const description = message.headers?.description ?? "";
    if (code === expiredCode) {
      this.#pull();
    } else if (/exceeds maxbytes/i.test(description)) {
      this.#isNextTooLarge = this.#unanswered.count === 0;
      this.#pull();
    } else {
      // The consumer is gone, or the broker is: whoever looks tells us when to go on.
      this.#options.log.info({ durable: this.spec.durable, code, description }, "a pull has ended");
      this.#options.onDoubt();
    }
  }

  #deliver(message: Msg): void {
    const { connection, names, onDelivery, log } = this.#options;
    const answers = this.#answers;
    if (answers === undefined) {
      return;
    }
    const unanswered = { bytes: message.data.length, atMs: this.#heardAtMs };
    const delivery = deliveryOf({
      message,
      connection,
      names,
      stream: this.spec.stream,
      answers,
      onAnswered: () => {
        this.#unanswered.remove(unanswered);
        this.#pullSoon();
      },
    });
    if (this.#isStopped) {
      this.#notHandedOut.push(delivery);
      return;
    }
    this.#requested = Math.max(0, this.#requested - 1);
    this.#unanswered.add(unanswered);
    this.#highestSequence = Math.max(this.#highestSequence, delivery.streamSequence);
    try {
      onDelivery(delivery);
    } catch (error) {
      log.error({ err: error }, "a delivery was not taken");
      delivery.nak(1000);
    }
    this.#pullSoon();
  }
}

/** Messages that may be unanswered at once in this process, whatever the consumer allows. */
const maxUnanswered = 1000;
const expiresMs = 30_000;
const heartbeatMs = 1500;
const silenceMs = 2.5 * heartbeatMs;
const heartbeatCode = 100;
const expiredCode = 408;
