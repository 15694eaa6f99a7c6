import type { Databases } from "./databases.ts";
import { type Finding, noCaseOf } from "./finding.ts";

/**
 * Invariants I1 and I2: of each product, what is reserved and sold is what open and confirmed reservations
 * say, and all of it together is what the product began with.
 */
export async function checkStockRows(
  databases: Databases,
  /** What each product of a session began with; products of other sessions are not summed up. */
  began?: { readonly sessionId: string; readonly stockOf: ReadonlyMap<string, number> },
): Promise<readonly Finding[]> {
  const products = await databases.rows<StockRow>("inventory", selectStock);
  const ours = products.filter(({ session_id: sessionId }) => sessionId === began?.sessionId);
  return [
    noCaseOf(
      "what is reserved and sold is what the reservations say",
      products
        .filter((row) => row.reserved !== row.open || row.sold !== row.confirmed)
        .map(
          (row) =>
            `${row.id}: ${row.reserved} reserved, ${row.open} open; ${row.sold} sold, ${row.confirmed} confirmed`,
        ),
      `${products.length} products`,
    ),
    noCaseOf(
      "no piece of stock was made or lost",
      ours
        .filter((row) => row.available + row.reserved + row.sold !== began?.stockOf.get(row.id))
        .map((row) => `${row.id}: ${row.available} + ${row.reserved} + ${row.sold}`),
      `${ours.length} products of the session`,
    ),
  ];
}

type StockRow = {
  readonly session_id: string;
  readonly id: string;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly open: number;
  readonly confirmed: number;
};

const selectStock = `
  select p.session_id, p.id, p.available::int, p.reserved::int, p.sold::int,
    coalesce(sum(l.quantity) filter (where l.status = 'PENDING'), 0)::int as open,
    coalesce(sum(l.quantity) filter (where l.status = 'CONFIRMED'), 0)::int as confirmed
  from product p
  left join (
    select r.session_id, r.status, line ->> 'productId' as product_id,
      (line ->> 'quantity')::int as quantity
    from reservation r, jsonb_array_elements(r.lines) as line
  ) l on l.session_id = p.session_id and l.product_id = p.id
  group by p.session_id, p.id`;
