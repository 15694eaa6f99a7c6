import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "@ordersaga/telemetry";

/**
 * Does a round of work at once and then again and again, a pause after each, until it is disposed of. A
 * round that throws is logged; the next one comes after the same pause.
 */
export function repeat(options: {
  readonly everyMs: number;
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** What failed, as a sentence for the log. */
  readonly onFailure: string;
  readonly log: Logger;
}): AsyncDisposable {
  const { everyMs, round, onFailure, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await round(signal);
      } catch (error) {
        log.warn({ err: error }, onFailure);
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
