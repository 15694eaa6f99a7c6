import type { Database } from "../database/database.ts";
import type { Statement } from "../unit-of-work.ts";
import type { IncomingEnvelope } from "./decode-delivery.ts";
import type { Batch } from "./delivery-queue.ts";

/**
 * Looks up how often these envelopes were begun and never ended, and takes apart what must be: those never
 * begun stay together, one that was begun before runs alone, one begun too often is not run as a whole any
 * more. The broker's own count of deliveries is no help: nats-server 2.9 delivers a message whose consumer
 * died a second time as if it were the first.
 */
export async function suspectsApart(options: {
  readonly database: Database;
  readonly consumer: string;
  readonly batch: Batch;
  /** Tries after which an envelope's events are held, to be run one by one. */
  readonly attemptsMax: number;
}): Promise<readonly Batch[]> {
  const { database, consumer, batch, attemptsMax } = options;
  const rows = await database.query(readAttempts, [consumer, idsOf(batch)]);
  const attempts = new Map(rows.map((row) => [row.envelope_id, row.attempts]));
  const together: IncomingEnvelope[] = [];
  const alone: Batch[] = [];
  for (const envelope of batch.envelopes) {
    const begun = attempts.get(envelope.id ?? "") ?? 0;
    if (begun === 0) {
      together.push(envelope);
    } else {
      const mode = begun >= attemptsMax - 1 ? "held" : "set";
      alone.push({ ...batch, mode, envelopes: [envelope] });
    }
  }
  return together.length > 0 ? [{ ...batch, envelopes: together }, ...alone] : alone;
}

/** Counts a try of each envelope, before it begins. */
export async function countAttempts(
  database: Database,
  consumer: string,
  batch: Batch,
): Promise<void> {
  await database.query(addAttempts, [consumer, idsOf(batch)]);
}

/** The ids of those that have one, in sorted order. */
export function idsOf({ envelopes }: Pick<Batch, "envelopes">): string[] {
  return [...new Set(envelopes.flatMap(({ id }) => id ?? []))].toSorted();
}

const readAttempts: Statement<{ readonly envelope_id: string; readonly attempts: number }> = {
  name: "attempts-read",
  text: `
    select envelope_id, attempts from delivery_attempt
    where consumer = $1 and envelope_id = any($2::uuid[])`,
};

const addAttempts: Statement<never> = {
  name: "attempts-add",
  text: `
    insert into delivery_attempt as a (consumer, envelope_id) select $1, unnest($2::uuid[])
    on conflict (consumer, envelope_id)
    do update set attempts = a.attempts + 1, last_attempt_at = now()`,
};

/** The tries ended, one way or the other, but not with the process. */
export const clearAttempts: Statement<never> = {
  name: "attempts-clear",
  text: `delete from delivery_attempt where consumer = $1 and envelope_id = any($2::uuid[])`,
};

/** Counts that nobody cleared: another process handled the envelope without looking at them. */
export const forgetAttempts: Statement<never> = {
  name: "attempts-forget",
  text: `
    delete from delivery_attempt
    where last_attempt_at < now() - $1::bigint * interval '1 millisecond'`,
};
