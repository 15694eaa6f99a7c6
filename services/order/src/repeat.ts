import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "@ordersaga/telemetry";

/** Does some work in intervals, never twice at once, until it is disposed of. Failures are logged. */
export function repeat(options: {
  readonly everyMs: number;
  readonly work: (signal: AbortSignal) => Promise<unknown>;
  /** What failed, as a sentence for the log. */
  readonly onFailure: string;
  readonly log: Logger;
}): AsyncDisposable {
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
    for (;;) {
      // Being stopped is not an error.
      await sleep(options.everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) {
        return;
      }
      try {
        await options.work(signal);
      } catch (error) {
        options.log.warn({ err: error }, options.onFailure);
      }
    }
  }
}
