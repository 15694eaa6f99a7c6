import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { causeOf } from "../definition/cause.ts";
import type { DecidedAs, Fact, Saga, SagaStatus } from "../transition/saga.ts";

/** A saga as the hot path reads it: without its history, times as milliseconds since 1970. */
export type SagaRow = {
  readonly saga_id: string;
  readonly session_id: string;
  readonly name: string;
  readonly version: number;
  readonly coordination: StoredCoordination;
  readonly state: Uint8Array;
  readonly facts: readonly Fact[];
  readonly progress: string;
  readonly status: SagaStatus;
  readonly current_step: string;
  readonly decision: DecidedAs | null;
  readonly cause_code: string | null;
  readonly cause_message: string | null;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly decided_ms: number | null;
  readonly deadline_ms: number | null;
  readonly due_ms: number | null;
  readonly ended_ms: number | null;
  readonly recoveries: number;
  readonly traceparent: string;
};

/** How the column `coordination` spells it. */
export type StoredCoordination = "CHOREOGRAPHY" | "ORCHESTRATION";

/** What {@link SagaRow} is selected by. */
export const sagaRowColumns = `
  saga_id, session_id, name, version, coordination, state, facts, progress, status, current_step,
  decision, cause_code, cause_message, recoveries, traceparent,
  ${["created", "updated", "decided", "deadline", "due", "ended"]
    .map((name) => `(extract(epoch FROM ${name}_at) * 1000)::float8 AS ${name}_ms`)
    .join(", ")}`;

/** The saga that a row stands for. */
export function sagaOf(row: SagaRow): Saga {
  const { decision, decided_ms } = row;
  return {
    id: row.saga_id.replaceAll("-", ""),
    sessionId: row.session_id,
    name: row.name,
    version: row.version,
    coordination: coordinationOf(row.coordination),
    traceparent: row.traceparent,
    state: row.state,
    facts: row.facts,
    decision:
      decision === null || decided_ms === null
        ? undefined
        : {
            as: decision,
            cause: causeOf({ code: row.cause_code ?? "", message: row.cause_message ?? "" }),
            at: new Date(decided_ms),
          },
    standing: { status: row.status, progress: row.progress, currentStep: row.current_step },
    createdAt: new Date(row.created_ms),
    updatedAt: new Date(row.updated_ms),
    endedAt: dateOf(row.ended_ms),
    deadlineAt: dateOf(row.deadline_ms),
    dueAt: dateOf(row.due_ms),
    recoveries: row.recoveries,
  };
}

/** The value that the column `coordination` stands for. */
export function coordinationOf(stored: StoredCoordination): Coordination {
  return stored === "ORCHESTRATION" ? Coordination.ORCHESTRATION : Coordination.CHOREOGRAPHY;
}

/** What the column `coordination` holds for a value; an unspecified one is choreographed. */
export function storedCoordinationOf(coordination: Coordination): StoredCoordination {
  return coordination === Coordination.ORCHESTRATION ? "ORCHESTRATION" : "CHOREOGRAPHY";
}

function dateOf(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds);
}
