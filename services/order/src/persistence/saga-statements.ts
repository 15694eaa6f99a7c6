import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { Statement } from "@ordersaga/outbox";

import type { SagaFacts, StepFacts } from "../domain/saga-facts.ts";
import type { SagaFilter } from "../use-cases/order-reads.ts";
import { select, when } from "./select.ts";

/** What is shown of a saga, as PostgreSQL returns it. The table itself belongs to `@ordersaga/saga`. */
export type SagaRow = {
  readonly saga_id: string;
  readonly saga_session: string;
  readonly status: string;
  readonly progress: string;
  readonly cause_code: string | null;
  readonly current_step: string;
  readonly coordination: "CHOREOGRAPHY" | "ORCHESTRATION";
  readonly version: number;
  readonly history: readonly StoredStep[];
  readonly saga_created_at: Date;
  readonly updated_at: Date;
  readonly ended_at: Date | null;
  readonly deadline_at: Date | null;
  readonly recoveries: number;
};

type StoredStep = Omit<StepFacts, "time"> & { readonly time: string };

/** The columns of a {@link SagaRow}; the table is called `s`. */
export const sagaColumns = `
  s.saga_id, s.session_id AS saga_session, s.status, s.progress, s.cause_code,
  s.current_step, s.coordination, s.version, s.history, s.created_at AS saga_created_at,
  s.updated_at, s.ended_at, s.deadline_at, s.recoveries`;

/** Finds sagas by their ids. */
export const findSagasById: Statement<SagaRow> = {
  name: "order.find-sagas",
  text: `SELECT ${sagaColumns} FROM saga AS s WHERE s.saga_id = ANY ($1::uuid[])`,
};

/** The statement of one page of sagas, newest first. */
export function selectSagas(filter: SagaFilter) {
  return select<SagaRow>({
    name: "order.list-sagas",
    from: `SELECT ${sagaColumns} FROM saga AS s`,
    conditions: [
      when("session", "s.session_id = ?::text", filter.sessionId),
      when("status", "s.status = ?::text", filter.status),
      when("step", "s.current_step = ?::text", filter.currentStep),
      when("age", "s.updated_at <= ?::timestamptz", filter.updatedBefore),
      when("recoveries", "s.recoveries >= ?::bigint", filter.minRecoveries),
      filter.isUnfinished ? unfinished : undefined,
      when("before", "s.saga_id < ?::uuid", filter.before),
    ],
    orderBy: "s.saga_id DESC",
    limit: filter.limit,
  });
}

/** Said so that the small index on what is due can answer it. */
const unfinished = { name: "unfinished", sql: "s.due_at IS NOT NULL", values: [] };

/** What a row tells. */
export function sagaFactsOf(row: SagaRow): SagaFacts {
  return {
    id: row.saga_id,
    sessionId: row.saga_session,
    status: row.status,
    progress: row.progress,
    reason: row.cause_code ?? "",
    currentStep: row.current_step,
    coordination: Coordination[row.coordination],
    definitionVersion: row.version,
    history: row.history.map((step) => ({ ...step, time: new Date(step.time) })),
    createdAt: row.saga_created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at ?? undefined,
    deadlineAt: row.deadline_at ?? undefined,
    recoveries: row.recoveries,
  };
}
