import type { MessageBus } from "@ordersaga/messaging";
import type { Logger } from "@ordersaga/telemetry";

import type { OutgoingEnvelope } from "../envelope/envelopes-of.ts";

/** Publishes from memory what has just been committed. */
export type HotRelay = {
  readonly start: () => void;
  /** Takes what memory allows, once it is started; the rest, and whatever fails, is left to the sweep. */
  readonly offer: (envelopes: readonly OutgoingEnvelope[]) => void;
  /** Whether the envelope waits for its publication, its acknowledgement or its mark. */
  readonly holds: (id: string) => boolean;
  /** The mark of these is written: the sweep will not see them any more. */
  readonly forget: (ids: readonly string[]) => void;
  /** Takes nothing more, and resolves when nothing waits for an acknowledgement. */
  readonly stop: () => Promise<void>;
};

export function createHotRelay(options: {
  readonly bus: MessageBus;
  readonly bytesMax: number;
  readonly inFlightMax: number;
  /** Publishes and notes the acknowledgement; rejects when there was none. */
  readonly publish: (envelope: OutgoingEnvelope) => Promise<void>;
  readonly log: Logger;
}): HotRelay {
  const { bus, bytesMax, inFlightMax, publish, log } = options;
  const held = new Set<string>();
  let queue: OutgoingEnvelope[] = [];
  let head = 0;
  let bytes = 0;
  let inFlight = 0;
  let failures = 0;
  let isRunning = false;
  let onIdle: (() => void) | undefined;

  return {
    start: () => {
      isRunning = true;
    },
    offer: (envelopes) => {
      for (const envelope of envelopes) {
        if (isRunning && bus.isConnected() && bytes + envelope.body.length <= bytesMax) {
          bytes += envelope.body.length;
          held.add(envelope.id);
          queue.push(envelope);
        }
      }
      pump();
    },
    holds: (id) => held.has(id),
    forget: (ids) => {
      for (const id of ids) {
        held.delete(id);
      }
    },
    stop: async () => {
      isRunning = false;
      if (inFlight > 0 || head < queue.length) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
    },
  };

  function pump(): void {
    while (head < queue.length && inFlight < inFlightMax) {
      const envelope = queue[head++];
      if (envelope !== undefined) {
        inFlight += 1;
        publish(envelope).then(
          () => settle(envelope),
          (error: unknown) => {
            held.delete(envelope.id);
            complain(error);
            settle(envelope);
          },
        );
      }
    }
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
  }

  function settle(envelope: OutgoingEnvelope): void {
    inFlight -= 1;
    bytes -= envelope.body.length;
    pump();
    if (inFlight === 0) {
      onIdle?.();
    }
  }

  /** One line for the first of a thousand: with the broker down every envelope fails the same way. */
  function complain(error: unknown): void {
    if (failures % 1000 === 0) {
      log.warn({ err: error, failures: failures + 1 }, "an envelope is left to the sweep");
    }
    failures += 1;
  }
}
