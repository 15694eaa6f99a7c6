import type { Rng } from "@ordersaga/kernel";

import type { SagaLimits } from "../definition/limits.ts";
import type { Saga } from "../transition/saga.ts";

type Clocked = Pick<Saga, "updatedAt" | "deadlineAt">;

/**
 * When the scanner looks at an unfinished saga next: at its deadline, or when it is to be said again. The
 * silence so far sets the pace, so that the delays grow by themselves and progress sets them back.
 */
export function nextDueAt(options: {
  readonly limits: SagaLimits;
  readonly saga: Clocked;
  readonly at: Date;
  readonly rng: Rng;
}): Date {
  const { limits, saga, at, rng } = options;
  const { firstMs, factor, maxMs, jitter } = limits.recovery;
  const silentMs = at.getTime() - saga.updatedAt.getTime();
  const isFresh = !isSilent(limits, saga, at);
  const from = isFresh ? saga.updatedAt : at;
  const delayMs = isFresh ? firstMs : Math.max(firstMs, silentMs * (factor - 1));
  const spread = 1 + jitter * (2 * rng() - 1);
  const due = new Date(from.getTime() + Math.min(maxMs, delayMs) * spread);
  const { deadlineAt } = saga;
  return deadlineAt !== undefined && deadlineAt > at && deadlineAt < due ? deadlineAt : due;
}

/** Whether nothing was heard of a saga for so long that it is to be said again. */
export function isSilent(limits: SagaLimits, { updatedAt }: Clocked, at: Date): boolean {
  const { firstMs, jitter } = limits.recovery;
  return at.getTime() - updatedAt.getTime() >= firstMs * (1 - jitter);
}
