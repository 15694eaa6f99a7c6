import { setTimeout as sleep } from "node:timers/promises";

import type { MessageInitShape, Registry } from "@bufbuild/protobuf";
import type {
  RedriveDeadLettersRequest,
  RedriveDeadLettersResponseSchema,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { appErrorFrom, invalidArgument, uuidv7 } from "@ordersaga/kernel";

import { decodeEvent } from "../consumer/decode-delivery.ts";
import type { Database } from "../database/database.ts";
import { decodeEnvelope } from "../envelope/decode-envelope.ts";
import { distinctIds, filterValues } from "./dead-letter-filter.ts";
import { type DeadLetterCall, sessionOf } from "./operator-call.ts";
import { redrive, type RepairRow, selectDead, selectRepairable } from "./repair-statements.ts";

type Answer = MessageInitShape<typeof RedriveDeadLettersResponseSchema>;

/**
 * Sends dead letters on their way again. The set is frozen at the call; each of its messages is then
 * handed to the tries of held messages, under a new envelope id and its old event id, in whichever
 * process of the service is free. It has one try: if that fails too it is a dead letter again.
 */
export async function* redriveDeadLetters(
  means: { readonly database: Database; readonly registry: Registry },
  request: RedriveDeadLettersRequest,
  call: DeadLetterCall,
): AsyncIterable<Answer> {
  const { database, registry } = means;
  const { dryRun: isDryRun, maxPerSecond } = request;
  const session = sessionOf(call);
  const ids = await freeze(database, request, call);
  const size = maxPerSecond === 0 ? 100 : Math.min(100, Math.ceil(maxPerSecond / 10));
  for (let at = 0; at < ids.length; at += size) {
    const some = ids.slice(at, at + size);
    if (at > 0 && maxPerSecond > 0 && !isDryRun) {
      await pause((size * 1000) / maxPerSecond, call.signal);
    }
    if (call.signal?.aborted === true) {
      return;
    }
    const rows = await database.query(selectRepairable, [some, session]);
    const judged = some.map((id) =>
      judge(
        id,
        rows.find((row) => row.id === id),
        registry,
      ),
    );
    yield* isDryRun ? judged.map(imagined) : await send(database, judged, session);
  }
}

/** Ends early when the caller leaves. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** More than this are left to another call. */
const maxFrozen = 10_000;

async function freeze(
  database: Database,
  { ids, filter }: RedriveDeadLettersRequest,
  call: DeadLetterCall,
): Promise<readonly string[]> {
  if ((ids.length === 0) === (filter === undefined)) {
    throw invalidArgument({ field: "ids", description: "either ids or a filter is required" });
  }
  if (filter === undefined) {
    return distinctIds(ids);
  }
  const found = await database.query(selectDead, [...filterValues(filter, call), maxFrozen]);
  return found.map(({ id }) => id);
}

function judge(id: string, row: RepairRow | undefined, registry: Registry): Answer {
  if (row === undefined) {
    return { id, outcome: "NOT_FOUND", message: "there is no such dead letter" };
  }
  const { status, consumer, type: typeName, body } = row;
  if (status !== "DEAD") {
    return { id, outcome: "NOT_DEAD", message: `it is ${status}` };
  }
  try {
    const envelope = decodeEnvelope(body);
    const type = registry.getMessage(typeName);
    const [event] = envelope.events;
    if (type === undefined) {
      const message = `nobody here knows what to do about ${envelope.type || "it"}`;
      return { id, outcome: "UNKNOWN_TYPE", message };
    }
    if (event === undefined) {
      return { id, outcome: "UNDECODABLE", message: "its envelope is empty" };
    }
    decodeEvent(type, envelope, event);
    return { id, outcome: redriven, message: `${consumer} gets ${event.id} again` };
  } catch (error) {
    return { id, outcome: "UNDECODABLE", message: appErrorFrom(error).message };
  }
}

const redriven = "REDRIVEN";

function imagined(answer: Answer): Answer {
  return answer.outcome === redriven ? { ...answer, outcome: "WOULD_REDRIVE" } : answer;
}

/** What somebody else was faster with is not dead any more. */
async function send(
  database: Database,
  judged: readonly Answer[],
  session: string,
): Promise<readonly Answer[]> {
  const ids = judged.flatMap(({ id = "", outcome }) => (outcome === redriven ? [id] : []));
  const newIds = () => ids.map(() => uuidv7());
  const rows =
    ids.length === 0 ? [] : await database.query(redrive, [ids, newIds(), newIds(), session]);
  const sent = new Set(rows.map(({ id }) => id));
  return judged.map((answer) =>
    answer.outcome === redriven && !sent.has(answer.id ?? "")
      ? { id: answer.id ?? "", outcome: "NOT_DEAD", message: "somebody else was faster" }
      : answer,
  );
}
