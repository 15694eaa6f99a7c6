import type { Statement } from "@ordersaga/outbox";

/** One remembered price. */
export type PriceRow = {
  readonly session_id: string;
  readonly product_id: string;
  readonly price_minor: bigint;
  readonly currency: string;
};

/**
 * Remembers prices; an older version than the one known changes nothing. Arrays, one element for each
 * product of each session, every product once, sorted by key: session, product, price, currency, version.
 */
export const rememberPrices: Statement<never> = {
  name: "order.remember-prices",
  text: `
    INSERT INTO price_list (session_id, product_id, price_minor, currency, version)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    ON CONFLICT (session_id, product_id) DO UPDATE
    SET price_minor = excluded.price_minor, currency = excluded.currency, version = excluded.version
    WHERE price_list.version < excluded.version`,
};

/** Finds what is remembered of some products. Arrays: session, product. */
export const findPrices: Statement<PriceRow> = {
  name: "order.find-prices",
  text: `
    SELECT session_id, product_id, price_minor, currency
    FROM price_list
    JOIN unnest($1::text[], $2::text[]) AS wanted (session_id, product_id)
      USING (session_id, product_id)`,
};
