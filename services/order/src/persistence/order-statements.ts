import type { Statement } from "@ordersaga/outbox";

import type { Order, PricedLine } from "../domain/order.ts";

/** An order as PostgreSQL returns it. */
export type OrderRow = {
  readonly id: string;
  readonly session_id: string;
  readonly user_id: string;
  readonly lines: readonly StoredLine[];
  readonly total_minor: bigint;
  readonly currency: string;
  readonly payment_token: string;
  readonly created_at: Date;
};

/** One element of the column `lines`; the currency is the order's. */
export type StoredLine = {
  readonly productId: string;
  readonly quantity: number;
  /** A text, because JSON numbers are not exact beyond 2^53. */
  readonly unitPriceMinor: string;
};

/** The columns of an {@link OrderRow}; the table is called `o`. */
export const orderColumnNames = `
  o.id, o.session_id, o.user_id, o.lines, o.total_minor, o.currency, o.payment_token, o.created_at`;

/**
 * Inserts orders. Arrays: id, session, user, lines, total, currency, payment token, time. The lines
 * come as JSON texts.
 */
export const insertOrders: Statement<never> = {
  name: "order.insert-orders",
  text: `
    INSERT INTO orders
      (id, session_id, user_id, lines, total_minor, currency, payment_token, created_at)
    SELECT * FROM unnest(
      $1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::text[], $7::text[],
      $8::timestamptz[]
    )`,
};

/** The parameters of {@link insertOrders}. */
export function orderColumns(orders: readonly Order[]): unknown[] {
  return [
    orders.map(({ id }) => id),
    orders.map(({ sessionId }) => sessionId),
    orders.map(({ userId }) => userId),
    orders.map(({ lines }) => JSON.stringify(lines.map(storedLineOf))),
    orders.map(({ total }) => String(total.minor)),
    orders.map(({ total }) => total.currency),
    orders.map(({ paymentToken }) => paymentToken),
    orders.map(({ createdAt }) => createdAt.toISOString()),
  ];
}

/** The order that a row stands for. */
export function orderOf(row: OrderRow): Order {
  const { currency } = row;
  return {
    id: row.id,
    sessionId: row.session_id,
    userId: row.user_id,
    lines: row.lines.map(({ productId, quantity, unitPriceMinor }) => ({
      productId,
      quantity,
      unitPrice: { currency, minor: BigInt(unitPriceMinor) },
    })),
    total: { currency, minor: row.total_minor },
    paymentToken: row.payment_token,
    createdAt: row.created_at,
  };
}

function storedLineOf({ productId, quantity, unitPrice }: PricedLine): StoredLine {
  return { productId, quantity, unitPriceMinor: String(unitPrice.minor) };
}
