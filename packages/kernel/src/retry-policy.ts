import type { Rng } from "./clock.ts";

/** How often, and how long after each other, something that failed is tried again. */
export type RetryPolicy = {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Delay before the second try, in milliseconds. */
  readonly firstMs: number;
  /** Each further delay is this many times the one before. */
  readonly factor: number;
  /** No delay is longer, jitter aside. */
  readonly maxMs: number;
  /** Share of the delay that is random, on both sides: 0.2 makes 1000 ms one of 800 to 1200 ms. */
  readonly jitter: number;
};

/** Milliseconds to wait after failed try number `attempt` (the first is 1). */
export function retryDelayMs(options: {
  readonly policy: RetryPolicy;
  readonly attempt: number;
  readonly rng: Rng;
}): number {
  const { policy, attempt, rng } = options;
  const exponential = policy.firstMs * policy.factor ** Math.min(attempt - 1, 60);
  const spread = 1 + policy.jitter * (2 * rng() - 1);
  return Math.round(Math.min(exponential, policy.maxMs) * spread);
}
