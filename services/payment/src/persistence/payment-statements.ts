import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import type { Schedule } from "../domain/schedule.ts";
import { lockedPayments } from "./locked-payments.ts";
import { type PaymentColumns, type StoredPayment, storedPaymentOf } from "./payment-row.ts";

/** A payment, and when something is due for it. */
export type ScheduledPayment = StoredPayment & Schedule;

/**
 * Locks and reads what is recorded of some sagas. Rows are locked in the order of saga and session. A
 * saga without a row cannot be locked: whoever inserts its row second gets a `CONFLICT`.
 */
export async function lockPayments(
  uow: UnitOfWork,
  keys: readonly PaymentKey[],
): Promise<readonly StoredPayment[]> {
  const rows = await uow.query(lock, [keys.map(sagaOf), keys.map(sessionOf)]);
  return rows.map(storedPaymentOf);
}

/**
 * Inserts payments that were not there. It is sent and not waited for: should it fail, so does the unit
 * of work.
 */
export function insertPayments(
  uow: UnitOfWork,
  rows: readonly ScheduledPayment[],
  now: Date,
): void {
  void uow.query(insert, [...columnsOf(rows), now]);
}

/**
 * Writes payments that this unit of work has locked. It is sent and not waited for: should it fail, so
 * does the unit of work.
 */
export function updatePayments(
  uow: UnitOfWork,
  rows: readonly ScheduledPayment[],
  now: Date,
): void {
  void uow.query(update, [...columnsOf(rows), now]);
}

const written = `saga_id, session_id, status, user_id, currency_code, minor_units, token,
  decline_code, cause_code, cause_message, traceparent, definition_version, coordination, saga_state,
  attempts, next_call_at, pending_due_at`;

/** Columns that {@link storedPaymentOf} reads, of a row called `p`. */
export const storedColumns = `p.saga_id, p.session_id, p.status, p.user_id, p.currency_code,
  p.minor_units, p.token, p.decline_code, p.cause_code, p.cause_message, p.traceparent,
  p.definition_version, p.coordination, p.saga_state, p.attempts, p.pending_due_at`;

const lock: Statement<PaymentColumns> = {
  name: "payment.lock",
  text: lockedPayments(storedColumns),
};

const writtenRows = `unnest(
  $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::integer[], $13::smallint[], $14::bytea[],
  $15::integer[], $16::timestamptz[], $17::timestamptz[]
) as written (${written})`;

const insert: Statement<never> = {
  name: "payment.insert",
  text: `
    insert into payment (${written}, created_at, updated_at)
    select ${written}, $18::timestamptz, $18::timestamptz
    from ${writtenRows}
    order by saga_id, session_id collate "C"
  `,
};

const update: Statement<never> = {
  name: "payment.update",
  text: `
    update payment p set
      status = written.status,
      decline_code = written.decline_code,
      cause_code = written.cause_code,
      cause_message = written.cause_message,
      traceparent = written.traceparent,
      saga_state = written.saga_state,
      attempts = written.attempts,
      next_call_at = written.next_call_at,
      pending_due_at = written.pending_due_at,
      updated_at = $18::timestamptz
    from ${writtenRows}
    where p.saga_id = written.saga_id and p.session_id = written.session_id
  `,
};

function columnsOf(rows: readonly ScheduledPayment[]): unknown[] {
  const payments = rows.map(({ payment }) => payment);
  const charges = payments.map(({ charge }) => charge);
  const causes = payments.map((payment) => ("cause" in payment ? payment.cause : undefined));
  const contexts = rows.map(({ context }) => context);
  return [
    rows.map(sagaOf),
    rows.map(sessionOf),
    payments.map(({ status }) => status),
    charges.map((charge) => charge?.userId ?? null),
    charges.map((charge) => charge?.amount.currencyCode ?? null),
    charges.map((charge) => charge?.amount.minorUnits ?? null),
    charges.map((charge) => charge?.token ?? null),
    payments.map((payment) => (payment.status === "DECLINED" ? payment.declineCode : null)),
    causes.map((cause) => cause?.code ?? null),
    causes.map((cause) => cause?.message ?? null),
    contexts.map(({ traceparent }) => traceparent),
    contexts.map(({ definitionVersion }) => definitionVersion),
    contexts.map(({ coordination }) => coordination),
    contexts.map(({ state }) => state),
    rows.map(({ attempts }) => attempts),
    rows.map(({ nextCallAt }) => nextCallAt),
    rows.map(({ pendingDueAt }) => pendingDueAt),
  ];
}

function sagaOf({ sagaId }: PaymentKey): string {
  return sagaId;
}

function sessionOf({ sessionId }: PaymentKey): string {
  return sessionId;
}
