import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import type { Schedule } from "../domain/schedule.ts";
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

// `lateral` keeps the plan what it must be, one look into the key for each saga, whatever the planner
// believed about the size of the table when it prepared the statement.
const lock: Statement<PaymentColumns> = {
  name: "payment.lock",
  text: `
    select p.*
    from (
      select distinct saga_id, session_id collate "C" as session_id
      from unnest($1::uuid[], $2::text[]) as asked (saga_id, session_id)
      order by 1, 2
    ) asked
    cross join lateral (
      select ${storedColumns}
      from payment p
      where p.saga_id = asked.saga_id and p.session_id = asked.session_id
      for update
    ) p
  `,
};

const source = `
  select ${written}, $18::timestamptz, $18::timestamptz
  from unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::integer[], $13::smallint[], $14::bytea[],
    $15::integer[], $16::timestamptz[], $17::timestamptz[]
  ) as written (${written})
  order by saga_id, session_id collate "C"
`;

const insert: Statement<never> = {
  name: "payment.insert",
  text: `insert into payment (${written}, created_at, updated_at) ${source}`,
};

// The rows exist and are locked, so every one of them conflicts and is updated. A plain UPDATE would do
// the same, but its plan for a table that was small may read all of one that has grown.
const update: Statement<never> = {
  name: "payment.update",
  text: `
    insert into payment (${written}, created_at, updated_at) ${source}
    on conflict (saga_id, session_id) do update set
      status = excluded.status,
      decline_code = excluded.decline_code,
      cause_code = excluded.cause_code,
      cause_message = excluded.cause_message,
      traceparent = excluded.traceparent,
      saga_state = excluded.saga_state,
      attempts = excluded.attempts,
      next_call_at = excluded.next_call_at,
      pending_due_at = excluded.pending_due_at,
      updated_at = excluded.updated_at
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
