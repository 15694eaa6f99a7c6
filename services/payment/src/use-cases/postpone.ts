import type { Clock, Rng } from "@ordersaga/kernel";
import type { UnitsOfWork } from "@ordersaga/outbox";

import { retryAt, type ScheduleLimits } from "../domain/schedule.ts";
import { postponeCalls } from "../persistence/waiting-statements.ts";
import type { ProviderCallerOptions } from "./provider-caller.ts";

/**
 * Makes what puts off calls that were not answered: with a growing delay when the provider was there, and
 * until it is expected back when it was not. Its absence is no attempt.
 */
export function createPostpone(options: {
  readonly unitsOfWork: UnitsOfWork;
  readonly limits: ScheduleLimits;
  readonly clock: Clock;
  readonly rng: Rng;
}): ProviderCallerOptions["postpone"] {
  const { unitsOfWork, limits, clock, rng } = options;
  return async (calls, { until }) => {
    const now = clock.now();
    const postponed = calls.map((open) => {
      const attempts = until === undefined ? open.attempts + 1 : open.attempts;
      const nextCallAt = until ?? retryAt(attempts, { now, limits, rng });
      const { sagaId, sessionId, call } = open;
      return { sagaId, sessionId, call, attempts, nextCallAt };
    });
    await unitsOfWork.run(async (uow) => {
      await postponeCalls(uow, postponed);
    });
  };
}
