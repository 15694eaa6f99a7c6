import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { ConfigOf } from "@ordersaga/kernel";
import { placeOrderLimits } from "@ordersaga/place-order";
import type { SagaLimits } from "@ordersaga/saga";

import type { settings } from "./config.ts";
import type { GroupCommitLimits } from "./use-cases/create-order/group-commit.ts";

type Config = ConfigOf<typeof settings>;

/** The deployment's limits of a saga; what they decide, and why, is the definition's. */
export function sagaLimitsFrom(config: Config): SagaLimits {
  const { undecided, waits, retry } = placeOrderLimits;
  return {
    undecided: { ...undecided, withinMs: config.ORDER_TIME_LIMIT_MS },
    waits: { payment: { ...waits.payment, withinMs: config.PAYMENT_TIME_LIMIT_MS } },
    alarmAfterMs: config.SAGA_ALARM_AFTER_MS,
    replyWithinMs: config.STEP_REPLY_WITHIN_MS,
    recovery: {
      attempts: 1,
      firstMs: config.RECOVERY_FIRST_MS,
      factor: config.RECOVERY_FACTOR,
      maxMs: config.RECOVERY_MAX_MS,
      jitter: config.RECOVERY_JITTER,
    },
    retry,
  };
}

export function groupCommitLimitsFrom(config: Config): GroupCommitLimits {
  return {
    maxWaiting: config.CREATE_ORDER_QUEUE_LIMIT,
    maxBatch: config.CREATE_ORDER_BATCH,
    maxBatchesInFlight: config.CREATE_ORDER_BATCHES_IN_FLIGHT,
    gatherMs: config.CREATE_ORDER_GATHER_MS,
    retryAfterMs: config.CREATE_ORDER_RETRY_AFTER_MS,
  };
}

/** Who decides the steps of an order that does not say. */
export function coordinationFrom(config: Config): Coordination {
  return config.SAGA_COORDINATION === "orchestration"
    ? Coordination.ORCHESTRATION
    : Coordination.CHOREOGRAPHY;
}
