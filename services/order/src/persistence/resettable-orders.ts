import type { Database, Statement } from "@ordersaga/outbox";

import type { ResettableOrders } from "../use-cases/reset-orders.ts";

/** Finds and removes the orders of one session, a page at a time. */
export function resettableOrdersIn(database: Pick<Database, "query">): ResettableOrders {
  return {
    unfinished: async ({ sessionId, until, after }) => {
      const rows = await database.query(findUnfinished, [sessionId, until, after, 500]);
      return rows.map(({ saga_id }) => saga_id);
    },
    removeEnded: async ({ sessionId, until }) => {
      const [row] = await database.query(removeEnded, [sessionId, until, 1000]);
      return Number(row?.count ?? 0n);
    },
  };
}

const findUnfinished: Statement<{ readonly saga_id: string }> = {
  name: "order.find-unfinished",
  text: `
    SELECT saga_id FROM saga
    WHERE session_id = $1::text AND due_at IS NOT NULL AND created_at <= $2::timestamptz
      AND saga_id > $3::uuid
    ORDER BY saga_id LIMIT $4`,
};

/** One statement is one transaction: an order goes with its saga and its key, or stays with both. */
const removeEnded: Statement<{ readonly count: bigint }> = {
  name: "order.remove-ended",
  text: `
    WITH ended AS (
      DELETE FROM saga
      WHERE session_id = $1::text AND saga_id = ANY (ARRAY(
        SELECT saga_id FROM saga
        WHERE session_id = $1::text AND ended_at IS NOT NULL AND created_at <= $2::timestamptz
        ORDER BY saga_id LIMIT $3 FOR UPDATE
      ))
      RETURNING saga_id
    ), forgotten AS (
      DELETE FROM idempotency_key AS k USING ended
      WHERE k.session_id = $1::text AND k.order_id = ended.saga_id
    ), removed AS (
      DELETE FROM orders AS o USING ended
      WHERE o.id = ended.saga_id AND o.session_id = $1::text
    )
    SELECT count(*) FROM ended`,
};
