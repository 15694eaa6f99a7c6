import { setTimeout as delay } from "node:timers/promises";

import { AppError, retryDelayMs, type RetryPolicy, type Rng } from "@ordersaga/kernel";

type RetryOptions = {
  readonly policy: RetryPolicy;
  readonly rng: Rng;
  /** Milliseconds since 1970; nothing is tried that could not answer before. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
};

/**
 * Tries again while the peer is UNAVAILABLE, attempts are left, and the deadline has not come. Without
 * options there is one try.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions | undefined,
): Promise<T> {
  if (options === undefined) {
    return attempt();
  }
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (reason) {
      await pause(reason, { ...options, attempts });
    }
  }
}

/** The same for a stream, as long as nothing of it has been handed on. */
export async function* streamWithRetries<T>(
  attempt: () => AsyncIterable<T>,
  options: RetryOptions | undefined,
): AsyncGenerator<T, void, undefined> {
  for (let attempts = 1; ; attempts++) {
    let hasBegun = false;
    try {
      for await (const item of attempt()) {
        hasBegun = true;
        yield item;
      }
      return;
    } catch (reason) {
      if (hasBegun || options === undefined) {
        throw reason;
      }
      await pause(reason, { ...options, attempts });
    }
  }
}

/** Waits before the next try; throws the reason when there shall be none. */
async function pause(
  reason: unknown,
  options: RetryOptions & { readonly attempts: number },
): Promise<void> {
  const { policy, rng, deadline, signal, attempts } = options;
  if (!(reason instanceof AppError) || reason.code !== "UNAVAILABLE") {
    throw reason;
  }
  const delayMs = Math.max(
    retryDelayMs({ policy, attempt: attempts, rng }),
    reason.details.retryAfterMs ?? 0,
  );
  if (attempts >= policy.attempts || Date.now() + delayMs >= deadline) {
    throw reason;
  }
  await delay(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
    throw reason;
  });
}
