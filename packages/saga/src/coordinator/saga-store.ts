import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { Versions } from "../definition/versions.ts";
import type { HistoryEntry, Saga } from "../transition/saga.ts";
import { type SagaRow, sagaOf, sagaRowColumns, storedCoordinationOf } from "./saga-row.ts";
import { type Shape, shapesOf } from "./shapes.ts";
import { historyText } from "./stored-history.ts";

/** A saga and the entries that its history has gained since it was loaded. */
export type Written = { readonly saga: Saga; readonly history: readonly HistoryEntry[] };

/** A saga with the one that it was when it was loaded. */
export type Changed = Written & { readonly before: Saga };

/**
 * Loads sagas by id and locks their rows, in the order of the ids. Ids of no saga are left out. Throws a
 * PermanentError when the version of one is unknown here.
 */
export async function loadSagas(
  uow: UnitOfWork,
  versions: Versions,
  ids: readonly string[],
): Promise<Saga[]> {
  const rows = await uow.query(selectForUpdate, [ids.toSorted(), versions.name]);
  return rows.map((row) => sagaOf(versions, row));
}

/** Locks sagas that are due and that nobody else is working on, the longest due first. */
export async function claimDueSagas(
  uow: UnitOfWork,
  versions: Versions,
  options: { readonly at: Date; readonly limit: number },
): Promise<Saga[]> {
  const known = versions.all.map(({ version }) => version);
  const { at, limit } = options;
  const rows = await uow.query(claimDue, [versions.name, known, at.toISOString(), limit]);
  return rows.map((row) => sagaOf(versions, row));
}

/** Writes new sagas of one definition, begun at one time, in one statement. */
export async function insertSagas(
  uow: UnitOfWork,
  [first, ...rest]: readonly [Written, ...Written[]],
): Promise<void> {
  const { saga, history } = first;
  const sagas = [saga, ...rest.map((written) => written.saga)];
  await uow.query(insert, [
    sagas.map(({ id }) => id),
    sagas.map(({ sessionId }) => sessionId),
    sagas.map(({ coordination }) => storedCoordinationOf(coordination)),
    sagas.map(({ state }) => state),
    sagas.map(({ dueAt }) => textOf(dueAt)),
    sagas.map(({ traceparent }) => traceparent),
    saga.name,
    saga.version,
    saga.standing.progress,
    saga.standing.status,
    saga.standing.currentStep,
    historyText(history),
    textOf(saga.createdAt),
    textOf(saga.deadlineAt),
  ]);
}

/**
 * Writes what has changed in one statement; the history is appended to, the state only if it is new. Most
 * sagas of a set change in the same way: each such shape is sent once, so that the set costs little to
 * write here and little to read there.
 */
export async function updateSagas(uow: UnitOfWork, changed: readonly Changed[]): Promise<void> {
  const { shapes, shapeOf } = shapesOf(changed);
  const column = (value: (shape: Shape) => unknown) => shapes.map(value);
  await uow.query(update, [
    changed.map(({ saga }) => saga.id),
    changed.map((_, index) => shapeOf[index]),
    changed.map(({ saga, before }) => (hasSameState(saga, before) ? null : saga.state)),
    changed.map(({ saga, before }) => changedText(saga.dueAt, before.dueAt)),
    changed.map(({ saga, before }) => changedText(saga.deadlineAt, before.deadlineAt)),
    column(({ sessionId }) => sessionId),
    column(({ facts }) => facts),
    column(({ standing }) => standing.progress),
    column(({ standing }) => standing.status),
    column(({ standing }) => standing.currentStep),
    column(({ decision }) => decision?.as ?? null),
    column(({ decision }) =>
      decision?.as === "CONFIRMED" ? null : (decision?.cause.code ?? null),
    ),
    column(({ decision }) =>
      decision?.as === "CONFIRMED" ? null : (decision?.cause.message ?? null),
    ),
    column(({ history }) => history),
    column(({ updatedAt }) => textOf(updatedAt)),
    column(({ decision }) => textOf(decision?.at)),
    column(({ endedAt }) => textOf(endedAt)),
    column(({ recoveries }) => recoveries),
  ]);
}

/**
 * One look into the primary key for each id, whatever the planner believes about the table's size: a plan
 * that was made when the table was empty is kept for long.
 */
const selectForUpdate: Statement<SagaRow> = {
  name: "saga.select-for-update",
  text: `SELECT s.* FROM unnest($1::uuid[]) AS k (id) CROSS JOIN LATERAL (
      SELECT ${sagaRowColumns} FROM saga WHERE saga_id = k.id AND name = $2 FOR UPDATE) AS s`,
};

const claimDue: Statement<SagaRow> = {
  name: "saga.claim-due",
  text: `SELECT ${sagaRowColumns} FROM saga
    WHERE due_at <= $3::timestamptz AND name = $1 AND version = ANY ($2::integer[])
    ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED`,
};

const insert: Statement<never> = {
  name: "saga.insert",
  text: `
    INSERT INTO saga (saga_id, session_id, coordination, state, due_at, traceparent, name, version,
      progress, status, current_step, history, created_at, updated_at, deadline_at)
    SELECT u.*, $7::text, $8::integer, $9::text, $10::text, $11::text, $12::jsonb,
      $13::timestamptz, $13::timestamptz, $14::timestamptz
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::text[]) AS u`,
};

/**
 * A due time or deadline that is null has not changed, unless the end or the decision takes it away. The
 * session is compared as an expression, so that no plan can look for a saga among all of its session.
 */
const update: Statement<never> = {
  name: "saga.update",
  text: `
    WITH shape AS MATERIALIZED (
      SELECT ordinality AS number, session_id, facts::jsonb AS facts, progress, status, current_step,
        decision, cause_code, cause_message, history::jsonb AS history, updated_at, decided_at,
        ended_at, recoveries
      FROM unnest($6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
        $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[],
        $17::timestamptz[], $18::integer[])
        WITH ORDINALITY AS s (session_id, facts, progress, status, current_step, decision,
          cause_code, cause_message, history, updated_at, decided_at, ended_at, recoveries, ordinality))
    UPDATE saga SET
      state = coalesce(u.state, saga.state), facts = s.facts, progress = s.progress,
      status = s.status, current_step = s.current_step, decision = s.decision,
      cause_code = s.cause_code, cause_message = s.cause_message,
      history = saga.history || s.history, updated_at = s.updated_at, decided_at = s.decided_at,
      ended_at = s.ended_at, recoveries = s.recoveries,
      deadline_at = CASE WHEN s.decision IS NULL THEN coalesce(u.deadline_at, saga.deadline_at) END,
      due_at = CASE WHEN s.ended_at IS NULL THEN coalesce(u.due_at, saga.due_at) END
    FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::timestamptz[], $5::timestamptz[])
      AS u (saga_id, shape, state, due_at, deadline_at)
    JOIN shape s ON s.number = u.shape
    WHERE saga.saga_id = u.saga_id AND saga.session_id || '' = s.session_id`,
};

function textOf(time: Date | undefined): string | null {
  return time === undefined ? null : time.toISOString();
}

function changedText(time: Date | undefined, before: Date | undefined): string | null {
  return time === undefined || time.getTime() === before?.getTime() ? null : time.toISOString();
}

function hasSameState(one: Saga, other: Saga): boolean {
  return one.state === other.state || Buffer.compare(one.state, other.state) === 0;
}
