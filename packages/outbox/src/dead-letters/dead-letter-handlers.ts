import { createRegistry, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import type {
  DiscardDeadLettersRequest,
  DiscardDeadLettersResponseSchema,
  GetDeadLetterRequest,
  GetDeadLetterResponseSchema,
  ListDeadLettersRequest,
  ListDeadLettersResponseSchema,
  RedriveDeadLettersRequest,
  RedriveDeadLettersResponseSchema,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { AppError, invalidArgument, uuidOf } from "@ordersaga/kernel";

import type { Database } from "../database/database.ts";
import { deadLetterOf, payloadJson } from "./dead-letter.ts";
import { filterValues } from "./dead-letter-filter.ts";
import { selectDeadLetter, selectDeadLetters } from "./dead-letter-statements.ts";
import { discardDeadLetters } from "./discard-dead-letters.ts";
import { checkOperator, type DeadLetterCall, sessionOf } from "./operator-call.ts";
import { readPageToken, writePageToken } from "./page-token.ts";
import { redriveDeadLetters } from "./redrive-dead-letters.ts";

/** Handlers of saga.v1.DeadLetterService over one service's own database. */
export type DeadLetterHandlers = {
  readonly listDeadLetters: (
    request: ListDeadLettersRequest,
    call: DeadLetterCall,
  ) => Promise<MessageInitShape<typeof ListDeadLettersResponseSchema>>;
  readonly getDeadLetter: (
    request: GetDeadLetterRequest,
    call: DeadLetterCall,
  ) => Promise<MessageInitShape<typeof GetDeadLetterResponseSchema>>;
  readonly redriveDeadLetters: (
    request: RedriveDeadLettersRequest,
    call: DeadLetterCall,
  ) => AsyncIterable<MessageInitShape<typeof RedriveDeadLettersResponseSchema>>;
  readonly discardDeadLetters: (
    request: DiscardDeadLettersRequest,
    call: DeadLetterCall,
  ) => Promise<MessageInitShape<typeof DiscardDeadLettersResponseSchema>>;
};

/**
 * Makes the handlers. Payloads are shown as JSON when their type is among `types`, and only those can be
 * redriven. Whoever is no operator is refused with `PERMISSION_DENIED`.
 */
export function deadLetterHandlers(
  database: Database,
  types: readonly DescMessage[] = [],
): DeadLetterHandlers {
  const registry = createRegistry(...types);
  return {
    listDeadLetters: async (request, call) => {
      checkOperator(call);
      return await list(database, request, call);
    },
    getDeadLetter: async ({ id }, call) => {
      checkOperator(call);
      const uuid = uuidOf(id);
      if (uuid === undefined) {
        throw invalidArgument({ field: "id", description: "must be a UUID" });
      }
      const [row] = await database.query(selectDeadLetter, [uuid, sessionOf(call)]);
      if (row === undefined) {
        throw new AppError({ code: "NOT_FOUND", message: `there is no dead letter ${uuid}` });
      }
      return {
        deadLetter: deadLetterOf(row),
        headers: row.headers,
        body: row.body,
        decodedJson: payloadJson(row, registry),
      };
    },
    redriveDeadLetters: async function* (request, call) {
      checkOperator(call);
      yield* redriveDeadLetters({ database, registry }, request, call);
    },
    discardDeadLetters: async (request, call) => {
      checkOperator(call);
      return await discardDeadLetters(database, request, call);
    },
  };
}

async function list(
  database: Database,
  request: ListDeadLettersRequest,
  call: DeadLetterCall,
): Promise<MessageInitShape<typeof ListDeadLettersResponseSchema>> {
  if (request.pageSize < 0) {
    throw invalidArgument({ field: "page_size", description: "must not be negative" });
  }
  const size = Math.min(request.pageSize || 50, 1000);
  const filter = filterValues(request.filter, call);
  const before = readPageToken(request.pageToken, filter);
  const rows = await database.query(selectDeadLetters, [...filter, before, size + 1]);
  const shown = rows.slice(0, size);
  const last = rows.length > size ? shown.at(-1) : undefined;
  return {
    deadLetters: shown.map(deadLetterOf),
    nextPageToken: last === undefined ? "" : writePageToken(last.id, filter),
  };
}
