import type { DeadLetterFilter } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { hexOfUuid, invalidArgument, uuidOf } from "@ordersaga/kernel";

import { statusName } from "./dead-letter-statements.ts";
import { type DeadLetterCall, sessionOf } from "./operator-call.ts";

/** The values that select dead letters: session, status, consumer, type, saga and reason. */
export type FilterValues = readonly [string, string, string, string, string, string];

/** A filter as the statements take it; an empty text selects all. */
export function filterValues(
  filter: DeadLetterFilter | undefined,
  call: DeadLetterCall,
): FilterValues {
  const { status = 0, consumer = "", type = "", reason = "", sagaId = "" } = filter ?? {};
  for (const [field, text] of Object.entries({ consumer, type, reason })) {
    if (text.includes("\0")) {
      throw invalidArgument({ field: `filter.${field}`, description: "must not contain NUL" });
    }
  }
  const saga = sagaId === "" ? "" : hexOfUuid(sagaId);
  if (saga === undefined) {
    throw invalidArgument({ field: "filter.saga_id", description: "must be a UUID" });
  }
  return [sessionOf(call), statusName(status), consumer, type, saga, reason];
}

/** The ids of a request, each once. Throws INVALID_ARGUMENT for one that is none. */
export function distinctIds(ids: readonly string[]): readonly string[] {
  const uuids = ids.map((id, index) => {
    const uuid = uuidOf(id);
    if (uuid === undefined) {
      throw invalidArgument({ field: `ids[${index}]`, description: "must be a UUID" });
    }
    return uuid;
  });
  return [...new Set(uuids)];
}
