import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import type { ProviderCall } from "../domain/payment.ts";
import { lockedPayments } from "./locked-payments.ts";
import { type PaymentColumns, type StoredPayment, storedPaymentOf } from "./payment-row.ts";
import { storedColumns } from "./payment-statements.ts";

/** A payment for which something is due. */
export type DuePayment = StoredPayment & {
  readonly isCallDue: boolean;
  readonly isPendingDue: boolean;
};

/**
 * Locks payments for which something is due, oldest first; those that another unit of work has in hand
 * are left out. Calls count as due only when `withCalls`; that a saga is to be told always counts.
 */
export async function lockDuePayments(
  uow: UnitOfWork,
  options: { readonly now: Date; readonly withCalls: boolean; readonly limit: number },
): Promise<readonly DuePayment[]> {
  const rows = await uow.query(lockDue, [options.now, options.withCalls, options.limit]);
  return rows.map((row) => ({
    ...storedPaymentOf(row),
    isCallDue: row.is_call_due,
    isPendingDue: row.is_pending_due,
  }));
}

/** Writes down what was done about due payments that this unit of work has locked. */
export function reschedulePayments(
  uow: UnitOfWork,
  rows: readonly DuePayment[],
  nextCallAt: Date,
): void {
  void uow.query(reschedule, [
    rows.map(({ sagaId }) => sagaId),
    rows.map(({ sessionId }) => sessionId),
    rows.map(({ isCallDue }) => (isCallDue ? nextCallAt : null)),
    rows.map(({ isPendingDue }) => isPendingDue),
  ]);
}

/** A call that came back without a decision, and when it is to be repeated. */
export type PostponedCall = PaymentKey & {
  readonly call: ProviderCall;
  /** Attempts so far, this one included if it counts. */
  readonly attempts: number;
  readonly nextCallAt: Date;
};

/** Sets the time of the next call, for payments that still stand for the same call. */
export async function postponeCalls(
  uow: UnitOfWork,
  calls: readonly PostponedCall[],
): Promise<void> {
  await uow.query(postpone, [
    calls.map(({ sagaId }) => sagaId),
    calls.map(({ sessionId }) => sessionId),
    calls.map(({ call }) => (call === "charge" ? "CHARGING" : "UNDOING")),
    calls.map(({ attempts }) => attempts),
    calls.map(({ nextCallAt }) => nextCallAt),
  ]);
}

/** Makes everything due that is open with the provider: whoever called it is dead. */
export const makeAllCallsDue: Statement<never> = {
  name: "payment.make-all-due",
  text: `
    update payment set next_call_at = $1
    where (saga_id, session_id) in (
      select saga_id, session_id from payment
      where status in ('CHARGING', 'UNDOING') and next_call_at > $1
      order by saga_id, session_id
      for update skip locked
    )
  `,
};

type DueColumns = PaymentColumns & {
  readonly is_call_due: boolean;
  readonly is_pending_due: boolean;
};

const lockDue: Statement<DueColumns> = {
  name: "payment.lock-due",
  text: `
    select ${storedColumns},
      $2 and p.next_call_at <= $1 as is_call_due,
      coalesce(p.pending_due_at <= $1, false) as is_pending_due
    from payment p
    where p.status in ('CHARGING', 'UNDOING')
      and least(p.next_call_at, p.pending_due_at) <= $1
      and (p.pending_due_at <= $1 or ($2 and p.next_call_at <= $1))
    order by least(p.next_call_at, p.pending_due_at)
    limit $3
    for update skip locked
  `,
};

const reschedule: Statement<never> = {
  name: "payment.reschedule",
  text: `
    update payment p set
      next_call_at = coalesce(due.next_call_at, p.next_call_at),
      pending_due_at = case when not due.is_pending_due then p.pending_due_at end
    from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
      as due (saga_id, session_id, next_call_at, is_pending_due)
    where p.saga_id = due.saga_id and p.session_id = due.session_id
  `,
};

const postpone: Statement<never> = {
  name: "payment.postpone",
  text: `
    update payment p set attempts = late.attempts, next_call_at = late.next_call_at
    from (${lockedPayments("p.saga_id, p.session_id, p.status")}) locked
    join unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
      as late (saga_id, session_id, status, attempts, next_call_at)
      using (saga_id, session_id, status)
    where p.saga_id = locked.saga_id and p.session_id = locked.session_id
  `,
};
