import { createRegistry, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import type {
  GetDeadLetterRequest,
  GetDeadLetterResponseSchema,
  ListDeadLettersRequest,
  ListDeadLettersResponseSchema,
  RedriveDeadLettersResponseSchema,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { AppError, hexOfUuid, invalidArgument, uuidOf } from "@ordersaga/kernel";

import type { Database } from "../database/database.ts";
import { deadLetterOf, payloadJson } from "./dead-letter.ts";
import { selectDeadLetter, selectDeadLetters, statusName } from "./dead-letter-statements.ts";
import { readPageToken, writePageToken } from "./page-token.ts";

/** What the handlers need to know of a call; rpc's call context has it. */
export type DeadLetterCall = {
  readonly isOperator: boolean;
  /** Empty or `*`: all sessions. */
  readonly sessionId: string;
};

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
    request: unknown,
    call: DeadLetterCall,
  ) => AsyncIterable<MessageInitShape<typeof RedriveDeadLettersResponseSchema>>;
  readonly discardDeadLetters: (request: unknown, call: DeadLetterCall) => Promise<never>;
};

/**
 * Makes the handlers. Payloads are shown as JSON when their type is among `types`. Whoever is no operator
 * is refused with `PERMISSION_DENIED`; redrive and discard are `UNIMPLEMENTED` until they are built.
 */
export function deadLetterHandlers(
  database: Database,
  types: readonly DescMessage[] = [],
): DeadLetterHandlers {
  const registry = createRegistry(...types);
  return {
    listDeadLetters: async (request, call) => {
      checkOperator(call);
      return await list(database, request, sessionOf(call));
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
    // oxlint-disable-next-line require-yield -- it refuses before the first answer
    redriveDeadLetters: async function* (_request, call) {
      checkOperator(call);
      throw notBuiltYet("redriving dead letters");
    },
    discardDeadLetters: async (_request, call) => {
      checkOperator(call);
      throw notBuiltYet("discarding dead letters");
    },
  };
}

async function list(
  database: Database,
  request: ListDeadLettersRequest,
  session: string,
): Promise<MessageInitShape<typeof ListDeadLettersResponseSchema>> {
  if (request.pageSize < 0) {
    throw invalidArgument({ field: "page_size", description: "must not be negative" });
  }
  const size = Math.min(request.pageSize || 50, 1000);
  const { status = 0, consumer = "", type = "", reason = "" } = request.filter ?? {};
  for (const [field, text] of Object.entries({ consumer, type, reason })) {
    if (text.includes("\0")) {
      throw invalidArgument({ field: `filter.${field}`, description: "must not contain NUL" });
    }
  }
  const filter = [session, statusName(status), consumer, type, sagaIdOf(request), reason];
  const before = readPageToken(request.pageToken, filter);
  const rows = await database.query(selectDeadLetters, [...filter, before, size + 1]);
  const shown = rows.slice(0, size);
  const last = rows.length > size ? shown.at(-1) : undefined;
  return {
    deadLetters: shown.map(deadLetterOf),
    nextPageToken: last === undefined ? "" : writePageToken(last.id, filter),
  };
}

function sagaIdOf({ filter }: ListDeadLettersRequest): string {
  const given = filter?.sagaId ?? "";
  const hex = given === "" ? "" : hexOfUuid(given);
  if (hex === undefined) {
    throw invalidArgument({ field: "filter.saga_id", description: "must be a UUID" });
  }
  return hex;
}

/** Empty for all sessions. */
function sessionOf({ sessionId }: DeadLetterCall): string {
  return sessionId === "*" ? "" : sessionId;
}

function checkOperator({ isOperator }: DeadLetterCall): void {
  if (!isOperator) {
    throw new AppError({
      code: "PERMISSION_DENIED",
      message: "dead letters are for operators: send the operator's bearer token",
      reason: "OPERATOR_ONLY",
    });
  }
}

function notBuiltYet(what: string): AppError {
  return new AppError({ code: "UNIMPLEMENTED", message: `${what} is not built yet` });
}
