import type { Clock, Rng } from "@ordersaga/kernel";
import type { EventContext, UnitOfWork } from "@ordersaga/outbox";

import { decideSet, type Heard } from "../domain/decide-set.ts";
import type { PaymentAnswer } from "../domain/payment.ts";
import { type OpenCall, openCallOf } from "../domain/provider-call.ts";
import { scheduleOf, type ScheduleLimits } from "../domain/schedule.ts";
import type { StoredPayment } from "../persistence/payment-row.ts";
import {
  insertPayments,
  lockPayments,
  type ScheduledPayment,
  updatePayments,
} from "../persistence/payment-statements.ts";

/** Hears a set of requests or of the provider's answers, inside one unit of work. */
export type Hear = (uow: UnitOfWork, set: readonly Heard<EventContext>[]) => Promise<void>;

/** Tells a saga what became of its payment, when the unit of work commits. */
export type Tell = (uow: UnitOfWork, context: EventContext, answer: PaymentAnswer) => void;

/** Whom to ask for money. */
export type Provider = {
  /** Asks soon. Calls that find no room are left to the scanner. It does not throw. */
  readonly ask: (calls: readonly OpenCall[]) => void;
  /** When it is worth asking again; undefined when it is worth it now. */
  readonly awayUntil: () => Date | undefined;
};

export type HearDependencies = {
  readonly provider: Provider;
  readonly tell: Tell;
  readonly limits: ScheduleLimits;
  readonly clock: Clock;
  readonly rng: Rng;
};

/**
 * Makes the one way in which payments change: lock, decide, write, answer, and ask the provider after the
 * commit. Whatever the size of the set, it is one read and at most two writes.
 */
export function createHear(dependencies: HearDependencies): Hear {
  const { provider, tell, limits, clock, rng } = dependencies;

  return async (uow, set) => {
    const recorded = await lockPayments(uow, set);
    const { inserted, updated, answers, calls } = decideSet(set, recorded);
    const now = clock.now();
    const notBefore = provider.awayUntil();
    const scheduled = (row: StoredPayment): ScheduledPayment => ({
      ...row,
      ...scheduleOf(row, { now, notBefore, limits, rng }),
    });
    if (inserted.length > 0) {
      insertPayments(uow, inserted.map(scheduled), now);
    }
    if (updated.length > 0) {
      updatePayments(uow, updated.map(scheduled), now);
    }
    for (const { context, answer } of answers) {
      tell(uow, context, answer);
    }
    if (calls.length > 0) {
      const open = calls.flatMap(({ row }) => openCallOf(row) ?? []);
      uow.afterCommit(() => provider.ask(open));
    }
  };
}
