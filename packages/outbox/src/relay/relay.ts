import { type Clock, failpoint, uuidv7 } from "@ordersaga/kernel";
import type { MessageBus } from "@ordersaga/messaging";
import type { Logger } from "@ordersaga/telemetry";

import type { Database } from "../database/database.ts";
import { cloudEventHeaders } from "../envelope/cloud-events.ts";
import type { OutgoingEnvelope } from "../envelope/envelopes-of.ts";
import { startPeriodic } from "../periodic.ts";
import type { OutboxLimits } from "../settings.ts";
import { streamOf, subjectsOfStream } from "../subject.ts";
import { createHotRelay } from "./hot-relay.ts";
import { createPublishMarks, type PublishMark } from "./publish-marks.ts";
import { createStreamWatch } from "./stream-watch.ts";
import { sweep } from "./sweep.ts";

export type RelayOptions = {
  readonly database: Database;
  readonly bus: MessageBus;
  readonly service: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: OutboxLimits;
};

/**
 * Brings the outbox to the broker: from memory right after the commit, from the table what was left
 * behind, and once more what a stream lost.
 */
export type Relay = {
  /** Hands over what has just been committed. */
  readonly offer: (envelopes: readonly OutgoingEnvelope[]) => void;
  /** Makes the stream, once; resolves when it is there. */
  readonly ensureStream: (stream: string) => Promise<void>;
  /** Looks at the streams, then sweeps and watches until it is stopped. */
  readonly start: () => Promise<void>;
  /** Finishes what is in flight. */
  readonly stop: () => Promise<void>;
};

export function createRelay(options: RelayOptions): Relay {
  const { database, bus, service, clock, log, limits } = options;
  const streams = new Map<string, Promise<void>>();
  const marks = createPublishMarks({
    database,
    everyMs: limits.markEveryMs,
    onMarked: (ids) => hot.forget(ids),
    log,
  });
  const watch = createStreamWatch({
    database,
    bus,
    clock,
    log,
    streamMaxAgeMs: limits.streamMaxAgeMs,
    flushMarks: marks.flush,
    newId: () => uuidv7(clock),
  });
  const hot = createHotRelay({
    bus,
    bytesMax: limits.hotBytes,
    inFlightMax: limits.inFlight,
    publish: async (envelope) => marks.add(await publish(envelope)),
    log,
  });
  const stops: (() => Promise<void>)[] = [];

  return {
    offer: hot.offer,
    ensureStream,
    start: async () => {
      // Not required for correctness, but what is published knows its stream's life from the beginning.
      await look().catch((error: unknown) => log.warn({ err: error }, unseen));
      hot.start();
      const watching = startPeriodic({
        everyMs: limits.streamCheckEveryMs,
        onFailure: unseen,
        log,
        round: look,
      });
      const sweeping = startPeriodic({
        everyMs: limits.sweepEveryMs,
        onFailure: "envelopes left behind could not be published",
        log,
        round: sweepAll,
      });
      stops.push(watching.stop, sweeping.stop);
    },
    stop: async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await hot.stop();
      await marks.flush();
    },
  };

  async function look(): Promise<void> {
    if (bus.isConnected()) {
      await watch.check(streams.keys());
    }
  }

  async function publish(envelope: OutgoingEnvelope): Promise<PublishMark> {
    const { id, subject, body: data } = envelope;
    const stream = streamOf(subject);
    await ensureStream(stream);
    failpoint("relay.before-publish", subject);
    const headers = cloudEventHeaders(envelope, service);
    const { sequence } = await bus.publish({ id, subject, data, headers });
    failpoint("relay.after-publish", subject);
    watch.sawSequence(stream, sequence);
    return { id, stream, sequence, incarnation: watch.incarnationOf(stream) };
  }

  async function sweepAll(signal: AbortSignal): Promise<void> {
    while (bus.isConnected() && !signal.aborted) {
      const { claimed, published } = await sweep({
        database,
        afterMs: limits.sweepAfterMs,
        rows: limits.sweepRows,
        isHeld: hot.holds,
        publish,
      });
      if (published > 0) {
        log.info({ count: published }, "envelopes left behind are published");
      }
      if (claimed < limits.sweepRows || published === 0) {
        return;
      }
    }
  }

  function ensureStream(stream: string): Promise<void> {
    const known = streams.get(stream);
    if (known !== undefined) {
      return known;
    }
    const made = bus.ensureStream({
      name: stream,
      subjects: [subjectsOfStream(stream)],
      maxAgeMs: limits.streamMaxAgeMs,
      maxBytes: limits.streamMaxBytes,
    });
    streams.set(stream, made);
    made.catch(() => streams.delete(stream));
    return made;
  }
}

const unseen = "the streams could not be looked at";
