import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { causeOf } from "../definition/cause.ts";
import type { Versions } from "../definition/versions.ts";
import { insightOf } from "../transition/insight.ts";
import type { DecidedAs, Decision, Fact, Saga } from "../transition/saga.ts";

/**
 * An unfinished or finished saga as the hot path reads it: without its history and without what follows
 * from its facts; times as milliseconds since 1970.
 */
export type SagaRow = {
  readonly saga_id: string;
  readonly session_id: string;
  readonly version: number;
  readonly coordination: StoredCoordination;
  readonly state: Uint8Array;
  readonly facts: readonly Fact[];
  readonly decision: DecidedAs | null;
  readonly cause_code: string | null;
  readonly cause_message: string | null;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly decided_ms: number | null;
  readonly deadline_ms: number | null;
  readonly due_ms: number | null;
  readonly recoveries: number;
  readonly traceparent: string;
};

/** How the column `coordination` spells it. */
export type StoredCoordination = "CHOREOGRAPHY" | "ORCHESTRATION";

/** What {@link SagaRow} is selected by. */
export const sagaRowColumns = `
  saga_id, session_id, version, coordination, state, facts, decision, cause_code, cause_message,
  recoveries, traceparent,
  ${["created", "updated", "decided", "deadline", "due"]
    .map((name) => `(extract(epoch FROM ${name}_at) * 1000)::float8 AS ${name}_ms`)
    .join(", ")}`;

/** The saga that a row stands for. Throws a PermanentError when its version is unknown here. */
export function sagaOf(versions: Versions, row: SagaRow): Saga {
  const definition = versions.at(row.version);
  const { facts } = row;
  const decision = decisionOf(row);
  return {
    id: row.saga_id.replaceAll("-", ""),
    sessionId: row.session_id,
    name: definition.name,
    version: row.version,
    coordination: coordinationOf(row.coordination),
    traceparent: row.traceparent,
    state: row.state,
    facts,
    decision,
    standing: insightOf(definition, { facts, decision }).standing,
    createdAt: new Date(row.created_ms),
    updatedAt: new Date(row.updated_ms),
    // An ended saga is not changed any more: nobody asks when it ended.
    endedAt: undefined,
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

function decisionOf({ decision, decided_ms, cause_code, cause_message }: SagaRow) {
  if (decision === null || decided_ms === null) {
    return undefined;
  }
  const cause = causeOf({ code: cause_code ?? "", message: cause_message ?? "" });
  return { as: decision, cause, at: new Date(decided_ms) } satisfies Decision;
}

function dateOf(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds);
}
