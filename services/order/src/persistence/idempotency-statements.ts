import type { Statement } from "@ordersaga/outbox";

import { orderColumnNames, type OrderRow } from "./order-statements.ts";

/** A key that was used, with the order that was accepted under it. */
export type UsedKeyRow = OrderRow & {
  readonly key: string;
  readonly request_hash: string;
};

/** Finds the keys that were used before, with their orders. Arrays: session, key. */
export const findUsedKeys: Statement<UsedKeyRow> = {
  name: "order.find-used-keys",
  text: `
    SELECT used.key, used.request_hash, ${orderColumnNames}
    FROM unnest($1::text[], $2::text[]) AS wanted (session_id, key)
    JOIN idempotency_key AS used USING (session_id, key)
    JOIN orders AS o ON o.id = used.order_id AND o.session_id = used.session_id`,
};

/**
 * Takes keys for new orders and returns those it got: one that is missing was taken by a concurrent
 * transaction, which has committed. Arrays, sorted by session and key: session, key, hash, order id;
 * then the time.
 */
export const takeKeys: Statement<{ readonly order_id: string }> = {
  name: "order.take-keys",
  text: `
    INSERT INTO idempotency_key (session_id, key, request_hash, order_id, created_at)
    SELECT session_id, key, request_hash, order_id, $5::timestamptz
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
      AS taken (session_id, key, request_hash, order_id)
    ON CONFLICT (session_id, key) DO NOTHING
    RETURNING order_id`,
};

/** Forgets some keys that were taken before a time: the time, then how many at most. */
export const forgetKeys: Statement<{ readonly order_id: string }> = {
  name: "order.forget-keys",
  text: `
    DELETE FROM idempotency_key
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency_key WHERE created_at < $1::timestamptz LIMIT $2
    ))
    RETURNING order_id`,
};
