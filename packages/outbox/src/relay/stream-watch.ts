import type { MessageBus, StreamIdentity } from "@ordersaga/messaging";
import { type Clock, failpoint } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import type { Database } from "../database/database.ts";
import { firstUuidAt } from "../tables/uuid-time.ts";
import {
  endRefilling,
  insertStreamState,
  readStreamStates,
  renewStreamState,
  type StreamState,
  unpublish,
} from "./stream-state.ts";

/** Knows which life of each stream is the present one. */
export type StreamWatch = {
  /** Empty for a stream that was never looked at. */
  readonly incarnationOf: (stream: string) => string;
  /** The broker acknowledged this sequence. */
  readonly sawSequence: (stream: string, sequence: number) => void;
  /** Looks at these streams once. */
  readonly check: (streams: Iterable<string>) => Promise<void>;
};

/**
 * Compares each stream with what is remembered of it. When it was re-created, or its last sequence is
 * behind what was acknowledged, everything published into it and younger than its retention is made
 * unpublished, in portions, and goes out again. That is done twice, the second time after half a minute:
 * another process may have been about to mark what the old stream had acknowledged.
 */
export function createStreamWatch(options: {
  readonly database: Database;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly streamMaxAgeMs: number;
  /** Writes down all acknowledgements that came before. */
  readonly flushMarks: () => Promise<void>;
  readonly newId: () => string;
}): StreamWatch {
  const { database, bus, log } = options;
  const incarnations = new Map<string, string>();
  const sequences = new Map<string, number>();
  const refilled = new Set<string>();

  return {
    incarnationOf: (stream) => incarnations.get(stream) ?? "",
    sawSequence: (stream, sequence) => {
      if (sequence > (sequences.get(stream) ?? 0)) {
        sequences.set(stream, sequence);
      }
    },
    check: async (streams) => {
      // What we know is read before what is: an acknowledgement in between must not look like a loss.
      const acknowledged = new Map(sequences);
      const states = await database.query(readStreamStates, []);
      const known = new Map(states.map((state) => [state.stream, state]));
      for (const stream of new Set([...streams, ...known.keys()])) {
        const identity = await bus.streamIdentity(stream);
        if (identity !== undefined) {
          await compare(stream, identity, known.get(stream), acknowledged.get(stream) ?? 0);
        }
      }
    },
  };

  async function compare(
    stream: string,
    identity: StreamIdentity,
    state: StreamState | undefined,
    acknowledged: number,
  ): Promise<void> {
    const { createdAt, lastSequence } = identity;
    if (state === undefined) {
      await database.query(insertStreamState, [stream, createdAt, lastSequence, createdAt]);
      incarnations.set(stream, createdAt);
      return;
    }
    const expected = Math.max(acknowledged, Number(state.last_sequence));
    if (createdAt === state.created_at && lastSequence >= expected) {
      incarnations.set(stream, state.incarnation);
      await continueRefilling(state);
      return;
    }
    await renew({ stream, identity, state, expected });
  }

  /** Begins again what a dead process began, and ends it when nobody can be late any more. */
  async function continueRefilling(state: StreamState): Promise<void> {
    const { stream, incarnation } = state;
    const isLastTime = state.changed_ms >= stragglerMs;
    if (!state.is_refilling || (!isLastTime && refilled.has(incarnation))) {
      return;
    }
    await refill(stream, incarnation);
    if (isLastTime) {
      await database.query(endRefilling, [stream, incarnation]);
    }
  }

  async function renew(change: {
    readonly stream: string;
    readonly identity: StreamIdentity;
    readonly state: StreamState;
    readonly expected: number;
  }): Promise<void> {
    const { stream, identity, state, expected } = change;
    await options.flushMarks();
    sequences.delete(stream);
    const incarnation = `${identity.createdAt}/${options.newId()}`;
    const renewed = await database.query(renewStreamState, [
      stream,
      identity.createdAt,
      identity.lastSequence,
      incarnation,
      state.incarnation,
    ]);
    if (renewed.length === 0) {
      return;
    }
    incarnations.set(stream, incarnation);
    failpoint("stream.after-renewal", stream);
    log.warn(
      { stream, createdAt: identity.createdAt, lastSequence: identity.lastSequence, expected },
      "a stream lost messages; everything young enough goes out again",
    );
    await refill(stream, incarnation);
  }

  async function refill(stream: string, incarnation: string): Promise<void> {
    let after = firstUuidAt(options.clock.now().getTime() - options.streamMaxAgeMs);
    let count = 0;
    for (;;) {
      const rows = await database.query(unpublish, [stream, after, incarnation, portion]);
      count += rows.length;
      after = rows.reduce((last, { id }) => (id > last ? id : last), after);
      if (rows.length < portion) {
        break;
      }
    }
    refilled.add(incarnation);
    if (count > 0) {
      log.warn({ stream, count }, "envelopes go out again");
    }
  }
}

const portion = 500;
const stragglerMs = 30_000;
