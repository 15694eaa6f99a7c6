import type { Statement, UnitOfWork } from "../unit-of-work.ts";
import { clearAttempts, idsOf } from "./attempts.ts";
import type { IncomingEnvelope } from "./decode-delivery.ts";

/**
 * Writes the envelopes into the inbox and returns those that were not there before, each once. Messages
 * that are no envelopes have no inbox row and are always returned; their held row guards them.
 */
export async function newEnvelopes(
  uow: UnitOfWork,
  consumer: string,
  envelopes: readonly IncomingEnvelope[],
  /** Their tries were counted: with this unit of work they end. */
  isCounted = false,
): Promise<IncomingEnvelope[]> {
  if (isCounted) {
    void uow.query(clearAttempts, [consumer, idsOf({ envelopes })]);
  }
  const byId = new Map<string, IncomingEnvelope>();
  for (const envelope of envelopes) {
    if (envelope.id !== undefined) {
      byId.set(envelope.id, envelope);
    }
  }
  const strangers = envelopes.filter(({ id }) => id === undefined);
  if (byId.size === 0) {
    return strangers;
  }
  const inserted = await uow.query(insertInbox, [consumer, [...byId.keys()].toSorted()]);
  if (inserted.length < byId.size) {
    const isNew = new Set(inserted.map(({ envelope_id: id }) => id));
    for (const id of byId.keys()) {
      if (!isNew.has(id)) {
        byId.delete(id);
      }
    }
  }
  return [...byId.values(), ...strangers];
}

/** In sorted order, so that two processes with the same envelopes wait for, but never lock out, each other. */
const insertInbox: Statement<{ readonly envelope_id: string }> = {
  name: "inbox-insert",
  text: `
    insert into inbox (consumer, envelope_id) select $1, unnest($2::uuid[])
    on conflict do nothing returning envelope_id`,
};
