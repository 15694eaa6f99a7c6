import { type Clock, failpoint, type Rng } from "@ordersaga/kernel";
import type { UnitOfWork } from "@ordersaga/outbox";

import type { SagaDefinition } from "../definition/definition.ts";
import type { Versions } from "../definition/versions.ts";
import type { Saga, Transition } from "../transition/saga.ts";
import { insightOf, isEnd } from "../transition/insight.ts";
import { transition } from "../transition/transition.ts";
import type { CoordinatorLog } from "./coordinator.ts";
import { isSilent, nextDueAt } from "./due.ts";
import { sagaSetOf } from "./saga-set.ts";
import { claimDueSagas } from "./saga-store.ts";

/** What one look of the scanner did. */
export type Scanned = { readonly claimed: number; readonly changed: readonly string[] };

/**
 * Claims the sagas that are due and nobody else works on: one past its deadline is decided against, one
 * without progress is said again in new envelopes, and all are due again later.
 */
export async function scanOnce(
  uow: UnitOfWork,
  means: {
    readonly versions: Versions;
    readonly clock: Clock;
    readonly rng: Rng;
    readonly limit: number;
    readonly log: CoordinatorLog;
  },
): Promise<Scanned> {
  const { versions, clock, rng, limit, log } = means;
  const loaded = await claimDueSagas(uow, versions, { at: clock.now(), limit });
  const at = clock.now();
  if (loaded.length > 0) {
    failpoint("saga.after-claim");
  }
  const sagas = sagaSetOf({ uow, versions, loaded });
  const overdue: string[] = [];
  for (const { id: sagaId, sessionId } of loaded) {
    sagas.change({ sagaId, sessionId }, (definition, saga) => {
      if (isOverdue(definition, saga, at)) {
        overdue.push(sagaId);
      }
      return attend({ definition, saga, at, rng });
    });
  }
  const changed = await sagas.save();
  if (overdue.length > 0) {
    const fields = { count: overdue.length, sagaIds: overdue.slice(0, 10) };
    uow.afterCommit(() => log.warn(fields, "sagas are unfinished for too long"));
  }
  return { claimed: loaded.length, changed };
}

function attend(given: {
  readonly definition: SagaDefinition;
  readonly saga: Saga;
  readonly at: Date;
  readonly rng: Rng;
}): Transition {
  const { definition, saga, at, rng } = given;
  const { limits } = definition;
  const limited = transition(definition, saga, { kind: "time-limit", at });
  const isLate = limited.saga === saga && isSilent(limits, saga, at);
  const made = isLate ? transition(definition, saga, { kind: "recovery", at }) : limited;
  return isEnd(made.saga.standing)
    ? made
    : { ...made, saga: { ...made.saga, dueAt: nextDueAt({ limits, saga: made.saga, at, rng }) } };
}

/** A saga that waits has a limit of its own. */
function isOverdue(definition: SagaDefinition, saga: Saga, at: Date): boolean {
  const { alarmAfterMs } = definition.limits;
  const isOld = at.getTime() - saga.createdAt.getTime() >= alarmAfterMs;
  const isWaiting =
    saga.decision === undefined && insightOf(definition, saga).waiting !== undefined;
  return isOld && !isWaiting;
}
