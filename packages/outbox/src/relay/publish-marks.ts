import { failpoint } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import type { Database } from "../database/database.ts";
import type { Statement } from "../unit-of-work.ts";

/** One acknowledged publication. */
export type PublishMark = {
  readonly id: string;
  readonly stream: string;
  /** Life of the stream at the moment of the acknowledgement; see {@link StreamWatch}. */
  readonly incarnation: string;
  readonly sequence: number;
};

/** Collects what was published and writes it down in batches. */
export type PublishMarks = {
  readonly add: (mark: PublishMark) => void;
  /** Writes down what waits, and resolves when all of it is written. */
  readonly flush: () => Promise<void>;
};

/**
 * Makes the collector. A mark that cannot be written is forgotten: the row counts as unpublished, and the
 * sweep publishes it once more.
 */
export function createPublishMarks(options: {
  readonly database: Database;
  readonly everyMs: number;
  readonly onMarked: (ids: readonly string[]) => void;
  readonly log: Logger;
}): PublishMarks {
  const { database, everyMs, onMarked, log } = options;
  let waiting: PublishMark[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  return {
    add: (mark) => {
      waiting.push(mark);
      if (waiting.length >= batchSize) {
        void flush();
      } else {
        timer ??= setTimeout(() => void flush(), everyMs);
      }
    },
    flush,
  };

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) {
      writing = writing.then(() => write(batch));
    }
    return writing;
  }

  async function write(batch: readonly PublishMark[]): Promise<void> {
    for (const values of markValues(batch)) {
      try {
        failpoint("relay.before-mark");
        await database.query(markPublished, values);
        failpoint("relay.after-mark");
      } catch (error) {
        log.warn({ err: error }, "published envelopes could not be marked");
      }
    }
    onMarked(batch.map(({ id }) => id));
  }
}

const batchSize = 500;

/** Parameters of {@link markPublished}, once for each life of each stream. */
export function markValues(marks: readonly PublishMark[]): (readonly unknown[])[] {
  const groups = Map.groupBy(marks, ({ stream, incarnation }) => `${stream} ${incarnation}`);
  return [...groups.values()].map((group) => {
    const ids = group.map(({ id }) => id);
    const sequences = group.map(({ sequence }) => sequence);
    const sorted = ids.toSorted();
    // The first and the last id tell the planner which partitions to look into.
    const range = [sorted[0], sorted.at(-1)];
    const { incarnation, stream } = group[0] ?? {};
    return [ids, sequences, incarnation, ...range, Math.max(...sequences), stream];
  });
}

/** Marks rows and moves the stream's last known sequence forward. */
export const markPublished: Statement<never> = {
  name: "outbox-mark-published",
  text: `
    with marked as (
      update outbox o set published_at = now(), sequence = m.sequence, incarnation = $3
      from unnest($1::uuid[], $2::bigint[]) as m(id, sequence)
      where o.id = m.id and o.id between $4::uuid and $5::uuid
    )
    update stream_state set last_sequence = $6 where stream = $7 and last_sequence < $6`,
};
