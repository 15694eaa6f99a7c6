import type { SagaDefinition } from "../definition/definition.ts";

/**
 * The statement that makes the table of all sagas, for the coordinating service's first migration. The
 * row of a saga is its only truth: facts, decision, history and due times. `due_at` may be too early but
 * never too late, so that progress need not touch the scanner's index.
 */
export const createSagaTable = `
CREATE TABLE saga (
  saga_id uuid NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  coordination text NOT NULL CHECK (coordination IN ('CHOREOGRAPHY', 'ORCHESTRATION')),
  state bytea NOT NULL,
  facts jsonb NOT NULL DEFAULT '[]',
  progress text NOT NULL,
  status text NOT NULL,
  current_step text NOT NULL,
  decision text CHECK (decision IN ('CONFIRMED', 'FAILED', 'CANCELLED')),
  cause_code text,
  cause_message text,
  history jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  decided_at timestamptz,
  ended_at timestamptz,
  deadline_at timestamptz,
  due_at timestamptz,
  recoveries integer NOT NULL DEFAULT 0 CHECK (recoveries >= 0),
  traceparent text NOT NULL,
  PRIMARY KEY (saga_id, session_id),
  CONSTRAINT saga_status_known CHECK (status IN
    ('STARTED', 'IN_PROGRESS', 'COMPLETED', 'COMPENSATING', 'COMPENSATED', 'FAILED')),
  CONSTRAINT saga_decided_once CHECK ((decision IS NULL) = (decided_at IS NULL)),
  CONSTRAINT saga_aborted_for_a_cause CHECK
    (coalesce(decision, 'CONFIRMED') = 'CONFIRMED' OR cause_code IS NOT NULL),
  CONSTRAINT saga_ended_after_decision CHECK (ended_at IS NULL OR decision IS NOT NULL),
  CONSTRAINT saga_ended_by_status CHECK
    ((ended_at IS NOT NULL) = (status IN ('COMPLETED', 'COMPENSATED', 'FAILED'))),
  CONSTRAINT saga_completed_if_confirmed CHECK
    (status <> 'COMPLETED' OR decision = 'CONFIRMED'),
  CONSTRAINT saga_compensated_if_aborted CHECK
    (status NOT IN ('COMPENSATING', 'COMPENSATED', 'FAILED') OR decision <> 'CONFIRMED'),
  CONSTRAINT saga_limited_until_decided CHECK ((deadline_at IS NULL) = (decision IS NOT NULL)),
  CONSTRAINT saga_due_until_ended CHECK ((due_at IS NULL) = (ended_at IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX saga_of_session ON saga (session_id, saga_id);
CREATE INDEX saga_due ON saga (due_at) WHERE due_at IS NOT NULL;
`;

/** The statement that drops it again. */
export const dropSagaTable = `DROP TABLE saga;`;

/** A statement that lets the table hold only the labels of progress that the definition declares. */
export function checkProgress(definition: Pick<SagaDefinition, "progress">): string {
  const labels = definition.progress.map((label) => `'${label.replaceAll("'", "''")}'`);
  return `ALTER TABLE saga ADD CONSTRAINT saga_progress_known CHECK (progress IN (${labels.join(", ")}));`;
}
