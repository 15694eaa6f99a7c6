import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

import type { Databases } from "./databases.ts";
import { type Finding, noCaseOf } from "./finding.ts";

/** Services that send and receive messages. */
const participants = ["order", "inventory", "payment"] as const;

/**
 * Invariants I13 to I16: every envelope of every outbox was published and handled by every consumer of its
 * subject, no consumer handled what nobody sent, and nothing is held or dead. Who consumes what is
 * asked of the broker.
 */
export async function checkMessages(
  databases: Databases,
  natsUrl: string,
): Promise<readonly Finding[]> {
  const consumers = await consumersOf(natsUrl);
  const sent: SentRow[] = [];
  const handled = new Set<string>();
  const received: HandledRow[] = [];
  const held: HeldRow[] = [];
  for (const service of participants) {
    sent.push(...(await databases.rows<SentRow>(service, selectSent)));
    received.push(...(await databases.rows<HandledRow>(service, selectHandled)));
    held.push(...(await databases.rows<HeldRow>(service, selectHeld)));
  }
  received.forEach(({ consumer, id }) => handled.add(`${consumer} ${id}`));
  const known = new Set(sent.map(({ id }) => id));
  const missing = sent.flatMap(({ id, subject }) =>
    consumers
      .filter((consumer) => consumer.subject === subject)
      .filter(({ name }) => !handled.has(`${name} ${id}`))
      .map(({ name }) => `${name} did not handle ${id}`),
  );
  const open = held.filter(({ status }) => status === "RETRYING" || status === "DEAD");
  return [
    noCaseOf(
      "every envelope is published",
      sent.filter(({ is_published: isPublished }) => !isPublished).map(({ id }) => id),
      `${sent.length} envelopes`,
    ),
    noCaseOf(
      "every consumer handled every envelope of its subject",
      missing,
      `${received.length} handled by ${consumers.length} consumers`,
    ),
    noCaseOf(
      "nobody handled what nobody sent",
      received.filter(({ id }) => !known.has(id)).map(({ consumer, id }) => `${consumer} ${id}`),
      `${received.length} handled`,
    ),
    noCaseOf(
      "no message is held or dead",
      open.map(({ consumer, status, error }) => `${consumer} ${status}: ${error}`),
      `${held.length} were held`,
    ),
  ];
}

type SentRow = { readonly id: string; readonly subject: string; readonly is_published: boolean };
type HandledRow = { readonly consumer: string; readonly id: string };
type HeldRow = { readonly consumer: string; readonly status: string; readonly error: string };

const selectSent = `
  select id::text, subject, published_at is not null as is_published from outbox`;
const selectHandled = "select consumer, envelope_id::text as id from inbox";
const selectHeld = "select consumer, status, error from held_message";

async function consumersOf(
  url: string,
): Promise<readonly { readonly name: string; readonly subject: string }[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const found: { name: string; subject: string }[] = [];
    for await (const { config } of manager.streams.list()) {
      for await (const consumer of manager.consumers.list(config.name)) {
        found.push({ name: consumer.name, subject: consumer.config.filter_subject ?? "" });
      }
    }
    return found;
  } finally {
    await connection.close();
  }
}
