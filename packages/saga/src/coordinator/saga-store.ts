import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { Cause } from "../definition/cause.ts";
import type { HistoryEntry, Saga } from "../transition/saga.ts";
import { type SagaRow, sagaOf, sagaRowColumns, storedCoordinationOf } from "./saga-row.ts";

/** A saga and the entries that its history has gained since it was loaded. */
export type Written = { readonly saga: Saga; readonly history: readonly HistoryEntry[] };

/** Loads sagas by id and locks their rows, in the order of the ids. Ids of no saga are left out. */
export async function loadSagas(uow: UnitOfWork, ids: readonly string[]): Promise<Saga[]> {
  return (await uow.query(selectForUpdate, [ids])).map(sagaOf);
}

/** Locks sagas that are due and that nobody else is working on, the longest due first. */
export async function claimDueSagas(
  uow: UnitOfWork,
  options: { readonly at: Date; readonly limit: number },
): Promise<Saga[]> {
  return (await uow.query(claimDue, [options.at.toISOString(), options.limit])).map(sagaOf);
}

/** Writes new sagas in one statement. */
export async function insertSagas(uow: UnitOfWork, written: readonly Written[]): Promise<void> {
  const column = columnsOf(written);
  await uow.query(insert, [
    column(({ saga }) => saga.id),
    column(({ saga }) => saga.sessionId),
    column(({ saga }) => saga.name),
    column(({ saga }) => saga.version),
    column(({ saga }) => storedCoordinationOf(saga.coordination)),
    column(({ saga }) => saga.state),
    column(({ saga }) => saga.standing.progress),
    column(({ saga }) => saga.standing.status),
    column(({ saga }) => saga.standing.currentStep),
    column(({ history }) => JSON.stringify(history)),
    column(({ saga }) => timeOf(saga.createdAt)),
    column(({ saga }) => timeOf(saga.deadlineAt)),
    column(({ saga }) => timeOf(saga.dueAt)),
    column(({ saga }) => saga.traceparent),
  ]);
}

/** A saga with the one that it was when it was loaded. */
export type Changed = Written & { readonly before: Saga };

/** Writes what has changed in one statement; the history is appended to, the state only if it is new. */
export async function updateSagas(uow: UnitOfWork, changed: readonly Changed[]): Promise<void> {
  const column = columnsOf(changed);
  await uow.query(update, [
    column(({ saga }) => saga.id),
    column(({ saga }) => saga.sessionId),
    column(({ saga, before }) => (sameBytes(saga.state, before.state) ? null : saga.state)),
    column(({ saga }) => JSON.stringify(saga.facts)),
    column(({ saga }) => saga.standing.progress),
    column(({ saga }) => saga.standing.status),
    column(({ saga }) => saga.standing.currentStep),
    column(({ saga }) => saga.decision?.as ?? null),
    column(({ saga }) => causeOfAbort(saga)?.code ?? null),
    column(({ saga }) => causeOfAbort(saga)?.message ?? null),
    column(({ history }) => JSON.stringify(history)),
    column(({ saga }) => timeOf(saga.updatedAt)),
    column(({ saga }) => timeOf(saga.decision?.at)),
    column(({ saga }) => timeOf(saga.endedAt)),
    column(({ saga }) => timeOf(saga.deadlineAt)),
    column(({ saga }) => timeOf(saga.dueAt)),
    column(({ saga }) => saga.recoveries),
  ]);
}

const selectForUpdate: Statement<SagaRow> = {
  name: "saga.select-for-update",
  text: `SELECT ${sagaRowColumns} FROM saga WHERE saga_id = ANY ($1::uuid[])
    ORDER BY saga_id, session_id FOR UPDATE`,
};

const claimDue: Statement<SagaRow> = {
  name: "saga.claim-due",
  text: `SELECT ${sagaRowColumns} FROM saga WHERE due_at <= $1::timestamptz
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
};

const insert: Statement<never> = {
  name: "saga.insert",
  text: `
    INSERT INTO saga (saga_id, session_id, name, version, coordination, state, progress, status,
      current_step, history, created_at, updated_at, deadline_at, due_at, traceparent)
    SELECT u.saga_id, u.session_id, u.name, u.version, u.coordination, u.state, u.progress, u.status,
      u.current_step, u.history::jsonb, u.created_at, u.created_at, u.deadline_at, u.due_at,
      u.traceparent
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bytea[],
      $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
      $13::timestamptz[], $14::text[])
      AS u (saga_id, session_id, name, version, coordination, state, progress, status, current_step,
        history, created_at, deadline_at, due_at, traceparent)`,
};

const update: Statement<never> = {
  name: "saga.update",
  text: `
    UPDATE saga SET
      state = coalesce(u.state, saga.state), facts = u.facts::jsonb, progress = u.progress,
      status = u.status, current_step = u.current_step, decision = u.decision,
      cause_code = u.cause_code, cause_message = u.cause_message,
      history = saga.history || u.history::jsonb, updated_at = u.updated_at,
      decided_at = u.decided_at, ended_at = u.ended_at, deadline_at = u.deadline_at,
      due_at = u.due_at, recoveries = u.recoveries
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[],
      $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[],
      $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],
      $17::integer[])
      AS u (saga_id, session_id, state, facts, progress, status, current_step, decision, cause_code,
        cause_message, history, updated_at, decided_at, ended_at, deadline_at, due_at, recoveries)
    WHERE saga.saga_id = u.saga_id AND saga.session_id = u.session_id`,
};

function columnsOf<T>(rows: readonly T[]) {
  return (value: (row: T) => unknown): unknown[] => rows.map(value);
}

function causeOfAbort({ decision }: Saga): Cause | undefined {
  return decision?.as === "CONFIRMED" ? undefined : decision?.cause;
}

function timeOf(time: Date | undefined): string | null {
  return time === undefined ? null : time.toISOString();
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || Buffer.compare(one, other) === 0;
}
