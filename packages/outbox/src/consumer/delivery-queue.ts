import type { Delivery } from "@ordersaga/messaging";

import type { IncomingEnvelope } from "./decode-delivery.ts";

/** How envelopes are run: many as one unit of work, or one by one because something is wrong. */
export type Batch = {
  /**
   * `set`: together. `split`: each event in a part of its own. `held`: not run here at all, its events are
   * held and run on their own, counted before they run.
   */
  readonly mode: "set" | "split" | "held";
  readonly envelopes: readonly IncomingEnvelope[];
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

/**
 * Makes the queue. A delivery that nobody can explain (the process died, or was paused past the
 * acknowledgement wait) makes its envelope run alone, so that it harms no other; after
 * `suspectDeliveries` of them its events are held.
 */
export function createDeliveryQueue(options: {
  readonly setEvents: number;
  readonly suspectDeliveries: number;
  readonly decode: (delivery: Delivery) => IncomingEnvelope;
}): DeliveryQueue {
  const { setEvents, suspectDeliveries, decode } = options;
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
      if (mode === "set" && unexplained(first) === 0) {
        fill(envelopes);
      }
      return { mode, envelopes };
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
      if (delivery === undefined || modeOf(delivery) !== "set" || unexplained(delivery) > 0) {
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
    if (unexplained(delivery) >= suspectDeliveries - 1) {
      return "held";
    }
    return givenBack.get(delivery.streamSequence)?.mode ?? "set";
  }

  function unexplained(delivery: Delivery): number {
    const explained = givenBack.get(delivery.streamSequence)?.times ?? 0;
    return Math.max(0, delivery.deliveryCount - 1 - explained);
  }
}

const rememberedMax = 10_000;
