import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  DiscardDeadLettersRequest,
  DiscardDeadLettersResponseSchema,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { invalidArgument, uuidv7 } from "@ordersaga/kernel";

import type { Database } from "../database/database.ts";
import { distinctIds } from "./dead-letter-filter.ts";
import { type DeadLetterCall, sessionOf } from "./operator-call.ts";
import { discard } from "./repair-statements.ts";

/** Gives dead letters up. What is not dead stays as it is and does not count. */
export async function discardDeadLetters(
  database: Database,
  request: DiscardDeadLettersRequest,
  call: DeadLetterCall,
): Promise<MessageInitShape<typeof DiscardDeadLettersResponseSchema>> {
  const ids = distinctIds(request.ids);
  const reason = request.reason.trim();
  if (reason === "" || reason.includes("\0")) {
    throw invalidArgument({ field: "reason", description: "must be a sentence" });
  }
  const auditIds = ids.map(() => uuidv7());
  const discarded = await database.query(discard, [ids, auditIds, sessionOf(call), reason]);
  return { discarded: discarded.length };
}
