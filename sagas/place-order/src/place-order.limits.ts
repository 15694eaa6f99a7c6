import type { SagaLimits } from "@ordersaga/saga";

/** The limits of one order, unless the deployment sets others. */
export const placeOrderLimits = {
  undecided: {
    withinMs: 30_000,
    decides: "CANCELLED",
    cause: { code: "TIME_LIMIT", message: "The order was stuck before its payment." },
  },
  waits: {
    payment: {
      withinMs: 15 * 60_000,
      decides: "FAILED",
      cause: { code: "PAYMENT_TIME_LIMIT", message: "The payment took too long." },
    },
  },
  alarmAfterMs: 300_000,
  replyWithinMs: 10_000,
  recovery: { attempts: 1, firstMs: 10_000, factor: 2, maxMs: 5 * 60_000, jitter: 0.2 },
  retry: { attempts: 3, firstMs: 5_000, factor: 2, maxMs: 60_000, jitter: 0.2 },
} as const satisfies SagaLimits;
