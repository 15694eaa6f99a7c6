import { failpoint } from "@ordersaga/kernel";
import type { PoolClient } from "pg";

import type { Database } from "../database/database.ts";
import { databaseErrorFrom } from "../database/database-error.ts";
import { runCommand, runStatement } from "../database/run-statement.ts";
import type { OutgoingEnvelope } from "../envelope/envelopes-of.ts";
import type { Statement } from "../unit-of-work.ts";
import { markPublished, markValues, type PublishMark } from "./publish-marks.ts";

/** What one sweep did. */
export type SweepResult = { readonly claimed: number; readonly published: number };

/**
 * Claims envelopes that stayed unpublished, publishes them, marks those that were acknowledged. The rows
 * are locked meanwhile: a second sweep skips them. Throws the first error of a publication after the rest
 * is marked.
 */
export async function sweep(options: {
  readonly database: Database;
  /** Older than this; their own process may still be publishing younger ones. */
  readonly afterMs: number;
  readonly rows: number;
  readonly isHeld: (id: string) => boolean;
  readonly publish: (envelope: OutgoingEnvelope) => Promise<PublishMark>;
}): Promise<SweepResult> {
  const { database, afterMs, rows, isHeld } = options;
  const client = await database.pool.connect().catch((error: unknown) => {
    throw databaseErrorFrom(error);
  });
  let lost: Error | undefined;
  try {
    void runCommand(client, "begin").catch(() => {});
    const claimed = await runStatement(client, claimUnpublished, [afterMs, rows]);
    if (claimed.length > 0) {
      failpoint("sweep.after-claim");
    }
    const left = claimed.filter(({ id }) => !isHeld(id));
    const { marks, error } = await publishAll(left, options.publish);
    if (marks.length > 0) {
      failpoint("sweep.after-publish");
    }
    for (const values of markValues(marks)) {
      await runStatement(client, markPublished, values);
    }
    await runCommand(client, "commit");
    if (error !== undefined) {
      throw error;
    }
    return { claimed: claimed.length, published: marks.length };
  } catch (error) {
    lost = await rolledBack(client);
    throw databaseErrorFrom(error);
  } finally {
    client.release(lost);
  }
}

type Claimed = {
  readonly id: string;
  readonly subject: string;
  readonly type: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>> | null;
};

async function publishAll(
  rows: readonly Claimed[],
  publish: (envelope: OutgoingEnvelope) => Promise<PublishMark>,
): Promise<{ readonly marks: readonly PublishMark[]; readonly error: unknown }> {
  const marks: PublishMark[] = [];
  let error: unknown;
  await Promise.all(
    rows.map(async ({ headers, ...envelope }) => {
      try {
        marks.push(await publish(headers === null ? envelope : { ...envelope, headers }));
      } catch (reason) {
        error ??= reason;
      }
    }),
  );
  return { marks, error };
}

async function rolledBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await runCommand(client, "rollback");
    return undefined;
  } catch (error) {
    return databaseErrorFrom(error);
  }
}

const claimUnpublished: Statement<Claimed> = {
  name: "outbox-claim-unpublished",
  text: `
    select id, subject, type, body, headers from outbox
    where published_at is null and created_at <= now() - $1::bigint * interval '1 millisecond'
    order by id limit $2 for update skip locked`,
};
