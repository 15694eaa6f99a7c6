import type { Clock, Rng } from "@ordersaga/kernel";
import type { MessageBus } from "@ordersaga/messaging";
import type { Logger } from "@ordersaga/telemetry";

import { forgetAttempts } from "./consumer/attempts.ts";
import { Consumer } from "./consumer/consumer.ts";
import type { Database } from "./database/database.ts";
import { forgetResolved } from "./held/held-statements.ts";
import { createHeldRetries } from "./held/retry-held.ts";
import { createOutboxMetrics } from "./metrics.ts";
import { type Periodic, startPeriodic } from "./periodic.ts";
import type { Reaction } from "./reaction.ts";
import { createRelay } from "./relay/relay.ts";
import type { OutboxLimits } from "./settings.ts";
import { durableOf, streamOf, subjectOf } from "./subject.ts";
import { maintainPartitions } from "./tables/partitions.ts";
import type { UnitsOfWork } from "./unit-of-work.ts";
import { createUnitsOfWork } from "./units-of-work/postgres-units-of-work.ts";

export type OutboxOptions = {
  readonly database: Database;
  readonly bus: MessageBus;
  /** Such as `order`: names the stream it owns, its consumers, and itself as the source of events. */
  readonly service: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly limits: OutboxLimits;
};

/** One service's transactions and messages. */
export type Outbox = AsyncDisposable & {
  /** Usable before `start`: what they emit is published once the relay runs. */
  readonly unitsOfWork: UnitsOfWork;
  /**
   * Makes the streams, starts the relay, the sweep, the consumers and the retries of held messages.
   * Resolves when all of them run; waits for a broker that is not there yet. Call it once.
   */
  readonly start: (reactions: readonly Reaction[]) => Promise<void>;
  /**
   * Finishes the sets under way and what is in flight, gives back what waits. The database and the bus
   * stay open: they belong to the caller. Safe to call twice.
   */
  readonly stop: () => Promise<void>;
};

export function createOutbox(options: OutboxOptions): Outbox {
  const { database, service, clock, log, limits } = options;
  const relay = createRelay(options);
  const unitsOfWork = createUnitsOfWork({
    pool: database.pool,
    service,
    clock,
    log,
    limits,
    onCommitted: relay.offer,
  });
  const metrics = createOutboxMetrics(service);
  const consumers: Consumer[] = [];
  const rounds: Periodic[] = [];
  return { unitsOfWork, start, stop, [Symbol.asyncDispose]: stop };

  async function start(reactions: readonly Reaction[]): Promise<void> {
    const byConsumer = reactionsByConsumer(service, reactions);
    await maintain().catch((error: unknown) => {
      log.warn({ err: error }, "partitions could not be maintained");
    });
    const streams = new Set([service.toUpperCase(), "DLQ"]);
    for (const { type } of reactions) {
      streams.add(streamOf(subjectOf(type)));
    }
    await Promise.all([...streams].map((stream) => relay.ensureStream(stream)));
    await relay.start();
    metrics.observe(database);
    rounds.push(startMaintenance());
    const retries = startRetries(byConsumer);
    rounds.push(retries);
    for (const [consumer, reaction] of byConsumer) {
      const subject = subjectOf(reaction.type);
      const wake = retries.wake;
      consumers.push(
        new Consumer({
          ...options,
          unitsOfWork,
          metrics,
          reaction,
          consumer,
          subject,
          onHeld: wake,
        }),
      );
    }
    await Promise.all(consumers.map((consumer) => consumer.start()));
  }

  async function stop(): Promise<void> {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await Promise.all(rounds.splice(0).map((round) => round.stop()));
    await relay.stop();
    metrics.stop();
  }

  function startRetries(reactions: ReadonlyMap<string, Reaction>): Periodic {
    return startPeriodic({
      everyMs: limits.heldPollEveryMs,
      onFailure: "held messages could not be tried",
      log,
      round: createHeldRetries({ ...options, unitsOfWork, metrics, reactions }),
    });
  }

  function startMaintenance(): Periodic {
    return startPeriodic({
      everyMs: limits.maintenanceEveryMs,
      onFailure: "partitions could not be maintained",
      log,
      round: maintain,
    });
  }

  async function maintain(): Promise<void> {
    await maintainPartitions({
      database,
      tables: [
        { table: "outbox", column: "id", retentionMs: limits.outboxRetentionMs },
        { table: "inbox", column: "envelope_id", retentionMs: limits.inboxRetentionMs },
      ],
      partitionMs: limits.partitionMs,
      clock,
      log,
    });
    await database.query(forgetResolved, [limits.heldRetentionMs]);
    await database.query(forgetAttempts, [limits.inboxRetentionMs]);
  }
}

function reactionsByConsumer(
  service: string,
  reactions: readonly Reaction[],
): ReadonlyMap<string, Reaction> {
  const byConsumer = new Map<string, Reaction>();
  for (const reaction of reactions) {
    const consumer = durableOf(service, subjectOf(reaction.type));
    if (byConsumer.has(consumer)) {
      throw new Error(`two reactions of ${service} would share the consumer ${consumer}`);
    }
    byConsumer.set(consumer, reaction);
  }
  return byConsumer;
}
