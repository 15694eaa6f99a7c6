import type { PoolClient } from "pg";

import { runStatement } from "../database/run-statement.ts";
import type { OutgoingEnvelope } from "../envelope/envelopes-of.ts";
import { streamOf } from "../subject.ts";
import type { Statement } from "../unit-of-work.ts";

/**
 * Writes envelopes to the outbox: one statement for as many as sixteen. Bodies travel as binary
 * parameters; an array of them would have to be spelt as text.
 */
export async function insertOutbox(
  client: PoolClient,
  envelopes: readonly OutgoingEnvelope[],
): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (let start = 0; start < envelopes.length; start += rowsAtOnce) {
    const rows = envelopes.slice(start, start + rowsAtOnce);
    const values = rows.flatMap(({ id, subject, type, body, headers }) => [
      id,
      subject,
      streamOf(subject),
      type,
      body,
      headers === undefined ? null : JSON.stringify(headers),
    ]);
    sent.push(runStatement(client, insertOf(rows.length), values));
  }
  await Promise.all(sent);
}

const rowsAtOnce = 16;
const columns = ["id", "subject", "stream", "type", "body", "headers"];
const inserts: Statement<never>[] = [];

function insertOf(rows: number): Statement<never> {
  inserts[rows] ??= {
    name: `outbox-insert-${rows}`,
    text: `insert into outbox (${columns.join(", ")}) values ${placeholders(rows)}`,
  };
  return inserts[rows];
}

function placeholders(rows: number): string {
  return Array.from({ length: rows }, (_row, row) => {
    const row1 = columns.map((_column, column) => `$${row * columns.length + column + 1}`);
    return `(${row1.join(", ")})`;
  }).join(", ");
}
