import { type BatchObservableResult, metrics } from "@opentelemetry/api";
import { attributes } from "@ordersaga/telemetry";

import type { Database } from "./database/database.ts";
import type { Statement } from "./unit-of-work.ts";

/** What operators watch. Without an exporter nothing is measured and nothing is asked of the database. */
export type OutboxMetrics = {
  readonly duplicates: (consumer: string, count: number) => void;
  readonly held: (consumer: string, reason: string) => void;
  readonly deadLetter: (consumer: string, reason: string) => void;
  /** Tells how many envelopes wait to be published, and since when, whenever metrics are collected. */
  readonly observe: (database: Database) => void;
  readonly stop: () => void;
};

/** To be called after telemetry has started: instruments made before it measure nothing. */
export function createOutboxMetrics(service: string): OutboxMetrics {
  const meter = metrics.getMeter("@ordersaga/outbox");
  const duplicates = meter.createCounter("saga.inbox.duplicates", {
    description: "Envelopes that had been handled before.",
    unit: "{envelope}",
  });
  const held = meter.createCounter("saga.held_messages", {
    description: "Events that failed in their set and are tried on their own.",
    unit: "{event}",
  });
  const deadLetters = meter.createCounter("saga.dead_letters", {
    description: "Messages that became dead letters.",
    unit: "{message}",
  });
  const depth = meter.createObservableGauge("saga.outbox.depth", {
    description: "Envelopes that wait to be published.",
    unit: "{envelope}",
  });
  const age = meter.createObservableGauge("saga.outbox.age", {
    description: "Age of the oldest envelope that waits to be published.",
    unit: "s",
  });
  let stop: (() => void) | undefined;

  return {
    duplicates: (consumer, count) => {
      if (count > 0) {
        duplicates.add(count, { [attributes.messagingConsumer]: consumer });
      }
    },
    held: (consumer, reason) => held.add(1, labels(consumer, reason)),
    deadLetter: (consumer, reason) => deadLetters.add(1, labels(consumer, reason)),
    observe: (database) => {
      const look = async (result: BatchObservableResult): Promise<void> => {
        const [row] = await database.query(selectUnpublished, []);
        result.observe(depth, row?.depth ?? 0, { [attributes.serviceName]: service });
        result.observe(age, row?.age_s ?? 0, { [attributes.serviceName]: service });
      };
      meter.addBatchObservableCallback(look, [depth, age]);
      stop = () => meter.removeBatchObservableCallback(look, [depth, age]);
    },
    stop: () => stop?.(),
  };
}

function labels(consumer: string, reason: string): Record<string, string> {
  return { [attributes.messagingConsumer]: consumer, [attributes.sagaReason]: reason };
}

const selectUnpublished: Statement<{ readonly depth: number; readonly age_s: number | null }> = {
  name: "outbox-depth",
  text: `
    select count(*)::integer as depth,
      extract(epoch from now() - min(created_at))::float8 as age_s
    from outbox where published_at is null`,
};
