import type { Delivery } from "@ordersaga/messaging";

import type { IncomingEnvelope } from "./decode-delivery.ts";

/** Envelopes that are handled together, and how. */
export type Batch = {
  /**
   * `set`: together. `split`: each event in a part of its own. `held`: not run here at all, its events are
   * held and run on their own, counted before they run.
   */
  readonly mode: "set" | "split" | "held";
  readonly envelopes: readonly IncomingEnvelope[];
  /** One of them was delivered before, and nobody knows why it was not answered. */
  readonly isSuspect: boolean;
};

/** Deliveries that wait, and what is known of those that were given back. */
export type DeliveryQueue = {
  readonly add: (delivery: Delivery) => void;
  readonly isEmpty: () => boolean;
  /** The next batch, in order of arrival; undefined when nothing waits. */
  readonly take: () => Batch | undefined;
  /** Everything that waits, taken out. */
  readonly takeAll: () => readonly Delivery[];
  /** Gives a delivery back on purpose: its next delivery is no sign of a crash. */
  readonly giveBack: (delivery: Delivery, delayMs: number, mode: Batch["mode"]) => void;
  /** It is answered for good. */
  readonly forget: (delivery: Delivery) => void;
};

/** Makes the queue. Only what is run as a set is taken together with others. */
export function createDeliveryQueue(options: {
  readonly setEvents: number;
  readonly decode: (delivery: Delivery) => IncomingEnvelope;
}): DeliveryQueue {
  const { setEvents, decode } = options;
  const givenBack = new Map<number, { readonly times: number; readonly mode: Batch["mode"] }>();
  let waiting: Delivery[] = [];
  let head = 0;

  return {
    add: (delivery) => waiting.push(delivery),
    isEmpty: () => head === waiting.length,
    take: () => {
      const first = next();
      if (first === undefined) {
        return undefined;
      }
      const mode = modeOf(first);
      const envelopes = [decode(first)];
      if (mode === "set") {
        fill(envelopes);
      }
      return { mode, envelopes, isSuspect: envelopes.some(isUnexplained) };
    },
    takeAll: () => {
      const all = waiting.slice(head);
      waiting = [];
      head = 0;
      return all;
    },
    giveBack: (delivery, delayMs, mode) => {
      if (givenBack.size >= rememberedMax) {
        givenBack.clear();
      }
      const times = (givenBack.get(delivery.streamSequence)?.times ?? 0) + 1;
      givenBack.set(delivery.streamSequence, { times, mode });
      delivery.nak(delayMs);
    },
    forget: (delivery) => {
      givenBack.delete(delivery.streamSequence);
    },
  };

  function fill(envelopes: IncomingEnvelope[]): void {
    let count = envelopes[0]?.events.length ?? 0;
    for (;;) {
      const delivery = waiting[head];
      if (delivery === undefined || modeOf(delivery) !== "set") {
        return;
      }
      const envelope = decode(delivery);
      count += envelope.events.length;
      if (count > setEvents) {
        return;
      }
      envelopes.push(envelope);
      next();
    }
  }

  function next(): Delivery | undefined {
    const delivery = waiting[head];
    if (delivery !== undefined) {
      head += 1;
      if (head === waiting.length) {
        waiting = [];
        head = 0;
      }
    }
    return delivery;
  }

  function modeOf(delivery: Delivery): Batch["mode"] {
    return givenBack.get(delivery.streamSequence)?.mode ?? "set";
  }

  function isUnexplained({ delivery }: IncomingEnvelope): boolean {
    const explained = givenBack.get(delivery.streamSequence)?.times ?? 0;
    return delivery.deliveryCount - 1 > explained;
  }
}

const rememberedMax = 10_000;
