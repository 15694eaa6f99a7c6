import { type Clock, failpoint } from "@ordersaga/kernel";
import type { UnitsOfWork } from "@ordersaga/outbox";

import { openCallOf } from "../domain/provider-call.ts";
import { lostAt, type ScheduleLimits } from "../domain/schedule.ts";
import { lockDuePayments, reschedulePayments } from "../persistence/waiting-statements.ts";
import type { Provider, Tell } from "./hear.ts";

export type ScanDependencies = {
  readonly unitsOfWork: UnitsOfWork;
  readonly provider: Provider;
  readonly tell: Tell;
  readonly limits: ScheduleLimits;
  readonly clock: Clock;
};

const rowsAtOnce = 500;

/**
 * Looks once for payments for which something is due, until there are none: repeats lost calls, and tells
 * sagas whose payment takes long. Several processes may scan at once; each payment is found by one.
 */
export async function scan(dependencies: ScanDependencies, signal: AbortSignal): Promise<void> {
  let found = rowsAtOnce;
  while (found === rowsAtOnce && !signal.aborted) {
    found = await scanOnce(dependencies);
  }
}

function scanOnce(dependencies: ScanDependencies): Promise<number> {
  const { unitsOfWork, provider, tell, limits, clock } = dependencies;
  return unitsOfWork.run(async (uow) => {
    const now = clock.now();
    const withCalls = provider.awayUntil() === undefined;
    const due = await lockDuePayments(uow, { now, withCalls, limit: rowsAtOnce });
    if (due.length === 0) {
      return 0;
    }
    failpoint("payment.after-claim");
    reschedulePayments(uow, due, lostAt({ now, limits }));
    for (const { context } of due.filter(({ isPendingDue }) => isPendingDue)) {
      tell(uow, context, { kind: "pending" });
    }
    const calls = due
      .filter(({ isCallDue }) => isCallDue)
      .flatMap((payment) => openCallOf(payment) ?? []);
    uow.afterCommit(() => provider.ask(calls));
    return due.length;
  });
}
