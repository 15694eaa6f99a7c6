import { type AppError, type Clock, PermanentError, type Rng } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import { decodeEvent } from "../consumer/decode-delivery.ts";
import type { Database } from "../database/database.ts";
import { databaseErrorFrom, troubleOf } from "../database/database-error.ts";
import { decodeEnvelope } from "../envelope/decode-envelope.ts";
import type { OutboxMetrics } from "../metrics.ts";
import type { IncomingEvent, Reaction } from "../reaction.ts";
import type { OutboxLimits } from "../settings.ts";
import type { PostgresUnitsOfWork } from "../units-of-work/postgres-units-of-work.ts";
import { sendCopy } from "./held-message.ts";
import { claimDue, type DueMessage, fail, resolve, unclaim } from "./held-statements.ts";
import { killedProcess, type Verdict, verdictOf } from "./verdict.ts";

export type RetryHeldOptions = {
  readonly database: Database;
  readonly unitsOfWork: PostgresUnitsOfWork;
  readonly service: string;
  /** By consumer. */
  readonly reactions: ReadonlyMap<string, Reaction>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly limits: OutboxLimits;
  readonly metrics: OutboxMetrics;
};

/**
 * Makes a round of tries: every held message that is due, one after the other. A try is counted before it
 * runs, so that a message that kills the process is found out; one at a time, so that no other message is
 * suspected with it. An outage of the database does not count.
 */
export function createHeldRetries(
  options: RetryHeldOptions,
): (signal: AbortSignal) => Promise<void> {
  const { database, reactions, limits } = options;
  const consumers = [...reactions.keys()];
  const leaseMs = limits.workWithinMs * 2;
  let interrupted: DueMessage | undefined;

  return async (signal) => {
    while (!signal.aborted) {
      if (interrupted !== undefined) {
        await database.query(unclaim, [interrupted.id, interrupted.attempts]);
        interrupted = undefined;
      }
      const [message] = await database.query(claimDue, [consumers, leaseMs]);
      const reaction = reactions.get(message?.consumer ?? "");
      if (message === undefined || reaction === undefined) {
        return;
      }
      try {
        await tryOnce(options, reaction, message);
      } catch (error) {
        interrupted = message;
        throw error;
      }
    }
  };
}

/** Throws only for an outage of the database. */
async function tryOnce(
  options: RetryHeldOptions,
  reaction: Reaction,
  message: DueMessage,
): Promise<void> {
  const { unitsOfWork, limits, log } = options;
  if (message.kills >= limits.retry.attempts) {
    await conclude(options, message, killedProcess);
    return;
  }
  try {
    const event = eventOf(reaction, message);
    const isOurs = await unitsOfWork.run(async (uow) => {
      const ours = await uow.query(resolve, [message.id, message.attempts]);
      if (ours.length > 0) {
        await reaction.handle(uow, [event]);
      }
      return ours.length > 0;
    });
    if (isOurs) {
      log.info(
        { consumer: message.consumer, eventId: message.event_id, attempts: message.attempts },
        "a held message is handled",
      );
    }
  } catch (reason) {
    const error = databaseErrorFrom(reason);
    if (troubleOf(error) === "outage") {
      throw error;
    }
    await conclude(options, message, judge(options, reaction, message, error));
  }
}

function judge(
  { limits, rng }: RetryHeldOptions,
  reaction: Reaction,
  message: DueMessage,
  error: AppError,
): Verdict {
  return verdictOf({
    error,
    attempts: message.attempts,
    isUnlimited: reaction.isUnlimited ?? false,
    policy: limits.retry,
    rng,
  });
}

/** Writes the verdict down; a dead letter's copy leaves in the same transaction. */
async function conclude(
  options: RetryHeldOptions,
  message: DueMessage,
  verdict: Verdict,
): Promise<void> {
  const { unitsOfWork, log, limits } = options;
  const { id, attempts, consumer } = message;
  const { status, reason, errorCode, error } = verdict;
  const nextInMs = verdict.status === "DEAD" ? null : verdict.nextInMs;
  await unitsOfWork.run(async (uow) => {
    const values = [id, attempts, status, reason, errorCode, error.replaceAll("\0", ""), nextInMs];
    const ours = await uow.query(fail, values);
    if (ours.length > 0 && status === "DEAD") {
      const { event_id: eventId, saga_id: sagaId } = message;
      sendCopy(uow, { ...message, eventId, sagaId, reason, errorCode }, options);
    }
  });
  const facts = { consumer, eventId: message.event_id, sagaId: message.saga_id, attempts, reason };
  if (status === "DEAD") {
    options.metrics.deadLetter(consumer, reason);
    log.error({ ...facts, error }, "a message became a dead letter");
  } else if (attempts >= limits.retry.attempts) {
    log.error({ ...facts, error, nextInMs }, "a message that must succeed keeps failing");
  } else {
    log.warn({ ...facts, error, nextInMs }, "a held message failed again");
  }
}

function eventOf(reaction: Reaction, message: DueMessage): IncomingEvent {
  const envelope = decodeEnvelope(message.body);
  const event = envelope.events[0];
  if (event === undefined) {
    throw new PermanentError({ code: "UNDECODABLE", message: "a held envelope is empty" });
  }
  const id = message.envelope_id ?? envelope.id;
  return decodeEvent(reaction.type, { ...envelope, id }, event, message.attempts);
}
