import type { Database, Statement } from "@ordersaga/outbox";

/** How much there is of everything. */
export type Stats = {
  readonly products: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly sold: bigint;
  readonly pending: bigint;
  readonly confirmed: bigint;
  readonly reservations: bigint;
};

/** Counts one session's products, pieces and reservations; without a session, those of all sessions. */
export async function getStats(database: Database, sessionId: string | undefined): Promise<Stats> {
  const [stats] =
    sessionId === undefined
      ? await database.query(ofAllSessions, [])
      : await database.query(ofOneSession, [sessionId]);
  if (stats === undefined) {
    throw new Error("a count without groups always has a row");
  }
  return stats;
}

const ofAllSessions: Statement<Stats> = { name: "stats.all-sessions", text: select("true") };
const ofOneSession: Statement<Stats> = {
  name: "stats.one-session",
  text: select("session_id = $1"),
};

function select(condition: string): string {
  return `
    select p.*, r.*
    from (
      select
        count(*) as products,
        coalesce(sum(available), 0)::bigint as available,
        coalesce(sum(reserved), 0)::bigint as reserved,
        coalesce(sum(sold), 0)::bigint as sold
      from product
      where ${condition}
    ) p, (
      select
        count(*) filter (where status = 'PENDING') as pending,
        count(*) filter (where status = 'CONFIRMED') as confirmed,
        count(*) as reservations
      from reservation
      where ${condition}
    ) r
  `;
}
