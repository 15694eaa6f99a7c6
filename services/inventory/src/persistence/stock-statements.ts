import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { ProductKey, StockChange, StockRow } from "../domain/stock.ts";

/**
 * Locks products and reads their free stock. Rows are locked in the order of session and id, and after
 * every reservation that the unit of work locks. Products that do not exist are left out.
 */
export async function lockStock(
  uow: UnitOfWork,
  keys: readonly ProductKey[],
): Promise<readonly StockRow[]> {
  const rows = await uow.query(lock, [keys.map(sessionOf), keys.map(productOf)]);
  return rows.map((row) => ({
    sessionId: row.session_id,
    productId: row.id,
    available: Number(row.available),
  }));
}

/**
 * Writes one change for each product, all in one statement. The rows must be locked. It is sent and not
 * waited for: should it fail, so does the unit of work.
 */
export function moveStock(uow: UnitOfWork, changes: readonly StockChange[]): void {
  void uow.query(move, [
    changes.map(sessionOf),
    changes.map(productOf),
    changes.map(({ available }) => available),
    changes.map(({ reserved }) => reserved),
    changes.map(({ sold }) => sold),
  ]);
}

type Row = { readonly session_id: string; readonly id: string; readonly available: bigint };

const lock: Statement<Row> = {
  name: "stock.lock",
  text: `
    select p.*
    from (
      select distinct session_id collate "C" as session_id, id collate "C" as id
      from unnest($1::text[], $2::text[]) as asked (session_id, id)
      order by 1, 2
    ) asked
    cross join lateral (
      select p.session_id, p.id, p.available
      from product p
      where p.session_id = asked.session_id and p.id = asked.id
      for update
    ) p
  `,
};

const move: Statement<never> = {
  name: "stock.move",
  text: `
    update product p set
      available = p.available + moved.available,
      reserved = p.reserved + moved.reserved,
      sold = p.sold + moved.sold
    from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
      as moved (session_id, id, available, reserved, sold)
    where p.session_id = moved.session_id and p.id = moved.id
  `,
};

function sessionOf({ sessionId }: ProductKey): string {
  return sessionId;
}

function productOf({ productId }: ProductKey): string {
  return productId;
}
