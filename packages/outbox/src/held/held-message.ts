import type { Clock } from "@ordersaga/kernel";
import { uuidv7 } from "@ordersaga/kernel";

import { deadLetterSubjectOf } from "../subject.ts";
import type { Statement } from "../unit-of-work.ts";
import type { PostgresUnitOfWork } from "../units-of-work/postgres-unit-of-work.ts";
import type { Verdict } from "./verdict.ts";

/** A message that leaves its envelope, because it could not be processed or must be run on its own. */
export type NewHeldMessage = {
  readonly consumer: string;
  readonly subject: string;
  /** Full name of the payload's type; empty when unknown. */
  readonly type: string;
  readonly eventId: string;
  /** Undefined when the bytes are no envelope. */
  readonly envelopeId: string | undefined;
  readonly sagaId: string;
  readonly sessionId: string;
  /** An envelope with this one event, or the bytes as they came. */
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly verdict: Verdict;
};

/** What a message needs to be known by, once it is dead. */
export type DeadMessage = Pick<
  NewHeldMessage,
  "consumer" | "subject" | "type" | "eventId" | "sagaId" | "body" | "headers" | "attempts"
> & { readonly id: string; readonly reason: string; readonly errorCode: string };

/**
 * Writes held messages in the transaction of the verdict; a dead one also sends its copy. A message that
 * the consumer holds already changes nothing.
 */
export async function hold(
  uow: PostgresUnitOfWork,
  messages: readonly NewHeldMessage[],
  owner: { readonly service: string; readonly clock: Clock },
): Promise<void> {
  await Promise.all(
    messages.map(async (message) => {
      const { verdict, ...rest } = message;
      const id = uuidv7(owner.clock);
      const inserted = await uow.query(insertHeld, valuesOf(id, message));
      if (verdict.status === "DEAD" && inserted.length > 0) {
        const { reason, errorCode } = verdict;
        sendCopy(uow, { ...rest, id, reason, errorCode }, owner);
      }
    }),
  );
}

/**
 * Emits the copy of a dead letter for the fleet-wide list: same body, headers that say what happened. A
 * body that would not fit into a message with them stays behind; the held row has it.
 */
export function sendCopy(
  uow: PostgresUnitOfWork,
  message: DeadMessage,
  owner: { readonly service: string; readonly clock: Clock },
): void {
  const isTooLarge = message.body.length > copiedBytesMax;
  uow.emitEnvelope({
    id: uuidv7(owner.clock),
    subject: deadLetterSubjectOf(owner.service, message.subject),
    type: storable(message.type),
    body: isTooLarge ? Buffer.alloc(0) : Buffer.from(message.body),
    headers: storableValues({
      ...originalHeaders(message.headers),
      "dead-letter-id": message.id,
      "dead-letter-consumer": message.consumer,
      "dead-letter-event-id": message.eventId,
      "dead-letter-saga-id": message.sagaId,
      "dead-letter-reason": message.reason,
      "dead-letter-error-code": message.errorCode,
      "dead-letter-attempts": String(message.attempts),
      ...(isTooLarge ? { "dead-letter-body-bytes": String(message.body.length) } : {}),
    }),
  });
}

/** A copy and its headers fit into the broker's default of 1 MiB. */
const copiedBytesMax = 960 * 1024;
const copiedHeadersMax = 16;
const copiedHeaderMax = 512;

/** The original's own attributes are kept under another name: the copy has CloudEvents of its own. */
function originalHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers)
    .filter(([name]) => /^ce-/i.test(name) && name.length <= copiedHeaderMax)
    .slice(0, copiedHeadersMax);
  return Object.fromEntries(
    entries.map(([name, value]) => [`original-${name}`, value.slice(0, copiedHeaderMax)]),
  );
}

function valuesOf(id: string, message: NewHeldMessage): readonly unknown[] {
  const { verdict } = message;
  return [
    id,
    verdict.status,
    message.consumer,
    message.subject,
    storable(message.type),
    storable(message.eventId),
    message.envelopeId,
    storable(message.sagaId),
    storable(message.sessionId),
    message.body,
    JSON.stringify(storableValues(message.headers)),
    verdict.reason,
    verdict.errorCode,
    storable(verdict.error),
    message.attempts,
    verdict.status === "DEAD" ? null : verdict.nextInMs,
  ];
}

/** PostgreSQL's text holds everything but NUL, and its JSON no half of a surrogate pair either. */
function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

function storableValues(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, storable(value)]),
  );
}

const insertHeld: Statement<{ readonly id: string }> = {
  name: "held-insert",
  text: `
    insert into held_message (id, status, consumer, subject, type, event_id, envelope_id, saga_id,
      session_id, body, headers, reason, error_code, error, attempts, first_attempt_at,
      last_attempt_at, next_attempt_at, ended_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, now(), now(),
      now() + $16::bigint * interval '1 millisecond',
      case when $2 = 'DEAD' then now() end)
    on conflict (consumer, event_id) do nothing
    returning id`,
};
