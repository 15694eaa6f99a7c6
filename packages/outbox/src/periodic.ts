import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "@ordersaga/telemetry";

/** Work that is done again and again, never twice at once, until it is stopped. */
export type Periodic = {
  /** Asks for no more rounds and resolves when the one under way is over. */
  readonly stop: () => Promise<void>;
  /** Starts the next round now. */
  readonly wake: () => void;
};

/**
 * Does the work at once and then in intervals. A round that throws is logged and the next one comes
 * later and later, up to ten intervals; the first one that succeeds brings back the ordinary interval.
 */
export function startPeriodic(options: {
  readonly everyMs: number;
  /** What failed, as a sentence for the log. */
  readonly onFailure: string;
  readonly log: Logger;
  readonly round: (signal: AbortSignal) => Promise<void>;
}): Periodic {
  const { everyMs, onFailure, log, round } = options;
  const stopping = new AbortController();
  let waiting = new AbortController();
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      waiting.abort();
      await running;
    },
    wake: () => waiting.abort(),
  };

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      waiting = new AbortController();
      try {
        await round(stopping.signal);
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) {
          return;
        }
        failures = Math.min(failures + 1, 10);
        log.warn({ err: error, failures }, onFailure);
      }
      // Waking it up is not an error.
      await sleep(everyMs * Math.max(1, failures), undefined, {
        signal: AbortSignal.any([waiting.signal, stopping.signal]),
      }).catch(() => {});
    }
  }
}
