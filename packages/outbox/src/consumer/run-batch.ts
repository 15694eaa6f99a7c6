import { type AppError, appErrorFrom, type Clock, failpoint, type Rng } from "@ordersaga/kernel";

import { databaseErrorFrom, troubleOf } from "../database/database-error.ts";
import { hold, type NewHeldMessage } from "../held/held-message.ts";
import { suspected, verdictOf } from "../held/verdict.ts";
import type { IncomingEvent, Reaction } from "../reaction.ts";
import type { OutboxLimits } from "../settings.ts";
import type { PostgresUnitOfWork } from "../units-of-work/postgres-unit-of-work.ts";
import type { PostgresUnitsOfWork } from "../units-of-work/postgres-units-of-work.ts";
import type { IncomingEnvelope } from "./decode-delivery.ts";
import { newEnvelopes } from "./inbox.ts";

export type BatchOptions = {
  readonly consumer: string;
  readonly service: string;
  readonly reaction: Reaction;
  readonly unitsOfWork: PostgresUnitsOfWork;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly limits: Pick<OutboxLimits, "retry" | "reruns">;
  /** The tries of these envelopes were counted before. */
  readonly isCounted?: boolean;
};

/** What a batch came to. */
export type BatchResult = {
  readonly events: number;
  readonly duplicates: number;
  readonly held: readonly NewHeldMessage[];
};

/** One unit of work for all events. Throws when any of them fails: then nothing happened. */
export async function runSet(
  options: BatchOptions,
  envelopes: readonly IncomingEnvelope[],
): Promise<BatchResult> {
  const { consumer, reaction, unitsOfWork } = options;
  return await unitsOfWork.run(async (uow) => {
    const fresh = await newEnvelopes(uow, consumer, envelopes, options.isCounted);
    const events = eventsOf(fresh);
    const held = fresh.flatMap(({ rejects }) => rejects);
    failpoint("consumer.before-handler", consumer);
    if (events.length > 0) {
      await reaction.handle(uow, events);
    }
    await hold(uow, held, options);
    return resultOf(envelopes, fresh, held);
  });
}

/**
 * One unit of work in which each event is a part of its own: those that fail are held, the others stay.
 * Throws when the database fails, or when it is not the events that fail.
 */
export async function runSplit(
  options: BatchOptions,
  envelopes: readonly IncomingEnvelope[],
  /** Why the only event failed just now: it need not fail again. */
  known?: AppError,
): Promise<BatchResult> {
  const { consumer, unitsOfWork } = options;
  return await unitsOfWork.run(async (uow) => {
    const fresh = await newEnvelopes(uow, consumer, envelopes, options.isCounted);
    const held = fresh.flatMap(({ rejects }) => rejects);
    failpoint("consumer.before-handler", consumer);
    for (const envelope of fresh) {
      for (const event of envelope.events) {
        const error = known ?? (await failureOf(options, uow, event));
        if (error !== undefined) {
          held.push(envelope.alone(event, 1, judge(options, error)));
        }
      }
    }
    await hold(uow, held, options);
    return resultOf(envelopes, fresh, held);
  });
}

/** Runs nothing: every event is held, to be run on its own, counted before it runs. */
export async function holdAll(
  options: BatchOptions,
  envelopes: readonly IncomingEnvelope[],
): Promise<BatchResult> {
  const { consumer, unitsOfWork } = options;
  return await unitsOfWork.run(async (uow) => {
    const fresh = await newEnvelopes(uow, consumer, envelopes, options.isCounted);
    const held = fresh.flatMap((envelope) => [
      ...envelope.rejects,
      ...envelope.events.map((event) => envelope.alone(event, 0, suspected)),
    ]);
    await hold(uow, held, options);
    return resultOf(envelopes, fresh, held);
  });
}

/** Runs one event in a part; the error that is the event's own, or undefined. */
async function failureOf(
  options: BatchOptions,
  uow: PostgresUnitOfWork,
  event: IncomingEvent,
): Promise<AppError | undefined> {
  for (let rerun = 0; ; rerun += 1) {
    try {
      await uow.part(() => options.reaction.handle(uow, [event]));
      return undefined;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === "outage" || trouble === "contention") {
        throw error;
      }
      if (trouble !== "conflict" || rerun >= options.limits.reruns) {
        return databaseErrorFrom(error);
      }
    }
  }
}

function judge({ reaction, limits, rng }: BatchOptions, error: AppError) {
  return verdictOf({
    error: appErrorFrom(error),
    attempts: 1,
    isUnlimited: reaction.isUnlimited ?? false,
    policy: limits.retry,
    rng,
  });
}

function resultOf(
  envelopes: readonly IncomingEnvelope[],
  fresh: readonly IncomingEnvelope[],
  held: readonly NewHeldMessage[],
): BatchResult {
  return {
    events: fresh.reduce((count, { events }) => count + events.length, 0),
    duplicates: envelopes.length - fresh.length,
    held,
  };
}

function eventsOf(envelopes: readonly IncomingEnvelope[]): readonly IncomingEvent[] {
  const [only, ...more] = envelopes;
  return more.length === 0 ? (only?.events ?? []) : envelopes.flatMap(({ events }) => events);
}
