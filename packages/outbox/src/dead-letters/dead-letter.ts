import { fromBinary, type MessageInitShape, type Registry, toJsonString } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { DeadLetterSchema } from "@ordersaga/gen/saga/v1/dead_letter_service";

import { decodeEnvelope } from "../envelope/decode-envelope.ts";
import { type DeadLetterRow, statusOf } from "./dead-letter-statements.ts";

/** A row as the API shows it. */
export function deadLetterOf(row: DeadLetterRow): MessageInitShape<typeof DeadLetterSchema> {
  const letter = {
    id: row.id,
    status: statusOf(row.status),
    consumer: row.consumer,
    subject: row.subject,
    type: row.type,
    eventId: row.event_id,
    sagaId: row.saga_id,
    sessionId: row.session_id,
    reason: row.reason,
    error: row.error,
    attempts: row.attempts,
    firstAttemptTime: timestampFromDate(row.first_attempt_at),
    lastAttemptTime: timestampFromDate(row.last_attempt_at),
  };
  return row.next_attempt_at === null
    ? letter
    : { ...letter, nextAttemptTime: timestampFromDate(row.next_attempt_at) };
}

/** The payload as JSON; empty when it cannot be decoded, or its type is not known here. */
export function payloadJson(
  row: { readonly type: string; readonly body: Uint8Array },
  registry: Registry,
): string {
  const type = registry.getMessage(row.type);
  if (type === undefined) {
    return "";
  }
  try {
    const event = decodeEnvelope(row.body).events[0];
    return event === undefined
      ? ""
      : toJsonString(type, fromBinary(type, event.payload), { registry });
  } catch {
    return "";
  }
}
