import { retryDelayMs, type RetryPolicy, type Rng } from "@ordersaga/kernel";

import { callOf } from "./decide.ts";
import type { PaymentRow } from "./decide-set.ts";

/** When something is due for a payment. */
export type Schedule = {
  /** When the provider is to be asked again; null when nothing is open with it. */
  readonly nextCallAt: Date | null;
  /** When the saga is to be told that it takes longer; null when it was told, or need not be. */
  readonly pendingDueAt: Date | null;
};

export type ScheduleLimits = {
  /** A call that was not answered after so long is taken for lost. */
  readonly callWithinMs: number;
  /** The saga is told that the payment is pending after so long. */
  readonly pendingAfterMs: number;
  /** Delays between calls that come back without a decision; how many there are has no limit. */
  readonly retry: RetryPolicy;
};

/**
 * Plans a payment that was just decided. A call goes out right after the commit; the planned one is for
 * the case that it gets lost. `notBefore` is when the provider is expected back, if it is away.
 */
export function scheduleOf(
  row: PaymentRow<unknown>,
  options: {
    readonly now: Date;
    readonly notBefore: Date | undefined;
    readonly limits: ScheduleLimits;
    readonly rng: Rng;
  },
): Schedule {
  const { now, notBefore, limits } = options;
  if (callOf(row.payment) === undefined) {
    return { nextCallAt: null, pendingDueAt: null };
  }
  const isPendingOpen = row.payment.status === "CHARGING" && !row.isPendingTold;
  return {
    nextCallAt: row.attempts > 0 ? retryAt(row.attempts, options) : (notBefore ?? lostAt(options)),
    pendingDueAt: isPendingOpen ? new Date(now.getTime() + limits.pendingAfterMs) : null,
  };
}

/** When a call that goes out now is taken for lost: a little after its own deadline. */
export function lostAt(options: { readonly now: Date; readonly limits: ScheduleLimits }): Date {
  return new Date(options.now.getTime() + options.limits.callWithinMs + 1000);
}

/** When a call is repeated that came back without a decision for so many times. */
export function retryAt(
  attempts: number,
  options: { readonly now: Date; readonly limits: ScheduleLimits; readonly rng: Rng },
): Date {
  const { now, limits, rng } = options;
  const delayMs = retryDelayMs({ policy: limits.retry, attempt: attempts, rng });
  return new Date(now.getTime() + delayMs);
}
