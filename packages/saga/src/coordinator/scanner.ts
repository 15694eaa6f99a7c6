import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs a scan again and again: at once while there is more than one batch to do, otherwise after a pause.
 * A failed scan is reported and tried again after the pause. Disposing of it waits for the scan that runs.
 */
export function startScanner(options: {
  /** Resolves with whether there may be more to do at once. */
  readonly scan: () => Promise<boolean>;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}): AsyncDisposable {
  const stopping = new AbortController();
  const stopped = run(options, stopping.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await stopped;
    },
  };
}

async function run(
  { scan, everyMs, onError }: Parameters<typeof startScanner>[0],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let isMore = false;
    try {
      isMore = await scan();
    } catch (error) {
      onError(error);
    }
    if (!isMore) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
