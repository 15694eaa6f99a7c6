import { DeadLetterStatus } from "@ordersaga/gen/saga/v1/dead_letter_service";

import type { Statement } from "../unit-of-work.ts";

/** A held message as it is shown in lists. */
export type DeadLetterRow = {
  readonly id: string;
  readonly status: string;
  readonly consumer: string;
  readonly subject: string;
  readonly type: string;
  readonly event_id: string;
  readonly saga_id: string;
  readonly session_id: string;
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  readonly first_attempt_at: Date;
  readonly last_attempt_at: Date;
  readonly next_attempt_at: Date | null;
};

const columns = `id, status, consumer, subject, type, event_id, saga_id, session_id, reason, error,
  attempts, first_attempt_at, last_attempt_at, next_attempt_at`;

/** Newest first; an empty text selects all. */
export const selectDeadLetters: Statement<DeadLetterRow> = {
  name: "dead-letters-select",
  text: `
    select ${columns} from held_message
    where ($1 = '' or session_id = $1) and ($2 = '' or status = $2) and ($3 = '' or consumer = $3)
      and ($4 = '' or type = $4) and ($5 = '' or saga_id = $5) and ($6 = '' or reason = $6)
      and ($7::uuid is null or id < $7)
    order by id desc limit $8`,
};

export const selectDeadLetter: Statement<
  DeadLetterRow & {
    readonly body: Buffer;
    readonly headers: Readonly<Record<string, string>>;
  }
> = {
  name: "dead-letter-select",
  text: `
    select ${columns}, body, headers from held_message
    where id = $1 and ($2 = '' or session_id = $2)`,
};

const statuses: Readonly<Record<string, DeadLetterStatus>> = {
  RETRYING: DeadLetterStatus.RETRYING,
  DEAD: DeadLetterStatus.DEAD,
  REDRIVEN: DeadLetterStatus.REDRIVEN,
  RESOLVED: DeadLetterStatus.RESOLVED,
  DISCARDED: DeadLetterStatus.DISCARDED,
};

export function statusOf(name: string): DeadLetterStatus {
  return statuses[name] ?? DeadLetterStatus.UNSPECIFIED;
}

/** As it is stored; empty for UNSPECIFIED, and for a number that a newer client may send. */
export function statusName(status: DeadLetterStatus): string {
  return Object.keys(statuses).find((name) => statuses[name] === status) ?? "";
}
