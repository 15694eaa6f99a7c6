import type { ConsumerSpec, Delivery } from "../message-bus.ts";
import type { MemoryStream, StoredMessage } from "./stream.ts";

/** One of the subscriptions that share a consumer. */
export type MemorySubscriber = {
  readonly onDelivery: (delivery: Delivery) => void;
  isPaused: boolean;
};

type Unanswered = { readonly deliveryCount: number; readonly timer: NodeJS.Timeout };

/** One durable consumer: what was delivered, what is unanswered, and what is due again. */
export class MemoryConsumer {
  readonly spec: ConsumerSpec;
  readonly #subscribers: MemorySubscriber[] = [];
  readonly #unanswered = new Map<number, Unanswered>();
  readonly #dueAgain: { readonly sequence: number; readonly deliveryCount: number }[] = [];
  #stream: MemoryStream;
  #nextSequence = 1;
  /** Grows when the stream is made anew: answers to deliveries of the stream before mean nothing. */
  #generation = 0;
  #turn = 0;
  #isPumping = false;
  #isConnected = true;

  constructor(spec: ConsumerSpec, stream: MemoryStream) {
    this.spec = spec;
    this.#stream = stream;
  }

  add(subscriber: MemorySubscriber): void {
    this.#subscribers.push(subscriber);
    this.pump();
  }

  remove(subscriber: MemorySubscriber): void {
    const index = this.#subscribers.indexOf(subscriber);
    if (index >= 0) {
      this.#subscribers.splice(index, 1);
    }
  }

  setConnected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.pump();
  }

  /** Starts again from the beginning of a new stream. */
  restart(stream: MemoryStream): void {
    this.close();
    this.#stream = stream;
    this.#nextSequence = 1;
    this.#generation++;
    this.pump();
  }

  close(): void {
    for (const { timer } of this.#unanswered.values()) {
      clearTimeout(timer);
    }
    this.#unanswered.clear();
    this.#dueAgain.length = 0;
  }

  /** Delivers, a little later, whatever may be delivered. */
  pump(): void {
    if (this.#isPumping) {
      return;
    }
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      while (this.#deliverOne()) {
        // One after the other, until a limit is reached or nothing waits.
      }
    });
  }

  #deliverOne(): boolean {
    const subscriber = this.#nextSubscriber();
    if (subscriber === undefined) {
      return false;
    }
    const next = this.#nextMessage();
    if (next === undefined) {
      return false;
    }
    subscriber.onDelivery(this.#delivered(next.stored, next.deliveryCount));
    return true;
  }

  #nextSubscriber(): MemorySubscriber | undefined {
    if (!this.#isConnected) {
      return undefined;
    }
    const ready = this.#subscribers.filter(({ isPaused }) => !isPaused);
    return ready[this.#turn++ % ready.length];
  }

  #nextMessage(): { stored: StoredMessage; deliveryCount: number } | undefined {
    for (let due = this.#dueAgain.shift(); due !== undefined; due = this.#dueAgain.shift()) {
      const stored = this.#stream.at(due.sequence);
      if (stored !== undefined) {
        return { stored, deliveryCount: due.deliveryCount };
      }
    }
    if (this.#unanswered.size >= this.spec.maxAckPending) {
      return undefined;
    }
    const stored = this.#stream.next(this.spec.subject, this.#nextSequence);
    if (stored === undefined) {
      return undefined;
    }
    this.#nextSequence = stored.sequence + 1;
    return { stored, deliveryCount: 1 };
  }

  #delivered({ message, sequence }: StoredMessage, deliveryCount: number): Delivery {
    const generation = this.#generation;
    let isAnswered = false;
    const answer = (isFinal: boolean, action: () => void): void => {
      if (!isAnswered && generation === this.#generation && this.#unanswered.has(sequence)) {
        isAnswered = isFinal;
        action();
      }
    };
    this.#redeliver({ sequence, deliveryCount, afterMs: this.spec.ackWaitMs });
    return {
      subject: message.subject,
      data: message.data,
      headers: { "Nats-Msg-Id": message.id, ...message.headers },
      deliveryCount,
      stream: this.spec.stream,
      streamSequence: sequence,
      ack: () => answer(true, () => this.#acknowledge(sequence)),
      nak: (delayMs) =>
        answer(true, () => this.#redeliver({ sequence, deliveryCount, afterMs: delayMs })),
      working: () =>
        answer(false, () =>
          this.#redeliver({ sequence, deliveryCount, afterMs: this.spec.ackWaitMs }),
        ),
    };
  }

  #acknowledge(sequence: number): void {
    clearTimeout(this.#unanswered.get(sequence)?.timer);
    this.#unanswered.delete(sequence);
    this.pump();
  }

  /** Unanswered until then, due again afterwards. */
  #redeliver(options: {
    readonly sequence: number;
    readonly deliveryCount: number;
    readonly afterMs: number;
  }): void {
    const { sequence, deliveryCount, afterMs } = options;
    clearTimeout(this.#unanswered.get(sequence)?.timer);
    const timer = setTimeout(() => {
      this.#dueAgain.push({ sequence, deliveryCount: deliveryCount + 1 });
      this.pump();
    }, afterMs);
    this.#unanswered.set(sequence, { deliveryCount, timer });
  }
}
