import type { Database, Statement, UnitOfWork } from "@ordersaga/outbox";

/** A product as its row says; the same shape as the entity's, for hot paths without it. */
export type ProductRow = {
  readonly id: string;
  readonly name: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly sold: bigint;
  readonly version: bigint;
};

/** What a seed says about one product. */
export type SeededProduct = {
  readonly id: string;
  readonly name: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly available: bigint;
};

/** Free stock and price of the products that exist, in no order. */
export async function readStock(
  database: Database,
  sessionId: string,
  ids: readonly string[],
): Promise<readonly StockLevelRow[]> {
  return await database.query(read, [sessionId, ids]);
}

export type StockLevelRow = Pick<ProductRow, "id" | "priceMinor" | "currency" | "available">;

/**
 * Inserts those products that are not there, in the order given (sort them: it is the lock order), and
 * returns their ids. Waits for a concurrent insert of the same product to end.
 */
export async function insertMissing(
  uow: UnitOfWork,
  sessionId: string,
  products: readonly SeededProduct[],
): Promise<ReadonlySet<string>> {
  const rows = await uow.query(insert, [sessionId, ...columnsOf(products)]);
  return new Set(rows.map(({ id }) => id));
}

/** Locks products of one session in the order of their ids and reads them. */
export async function lockProducts(
  uow: UnitOfWork,
  sessionId: string,
  ids: readonly string[],
): Promise<readonly ProductRow[]> {
  return await uow.query(lock, [sessionId, ids]);
}

/** Sets name, price and free stock of locked products; the version grows with name and price only. */
export async function resetProducts(
  uow: UnitOfWork,
  sessionId: string,
  products: readonly SeededProduct[],
): Promise<readonly ProductRow[]> {
  return await uow.query(reset, [sessionId, ...columnsOf(products)]);
}

/**
 * Adds to free stock, or takes from it, unless it would leave its limits. No row: it would, or there is
 * no such product.
 */
export async function addStock(
  database: Database,
  change: { readonly sessionId: string; readonly id: string; readonly delta: bigint },
): Promise<ProductRow | undefined> {
  const { sessionId, id, delta } = change;
  const [row] = await database.query(add, [sessionId, id, delta, maxAvailable]);
  return row;
}

/** The most pieces of one product that can be free: numbers stay exact in JavaScript. */
export const maxAvailable = 1_000_000_000_000n;

const columns = `
  p.id, p.name, p.price_minor as "priceMinor", p.currency,
  p.available, p.reserved, p.sold, p.version
`;

const read: Statement<StockLevelRow> = {
  name: "product.read-stock",
  text: `
    select id, price_minor as "priceMinor", currency, available
    from product
    where session_id = $1 and id = any($2::text[])
  `,
};

const insert: Statement<{ readonly id: string }> = {
  name: "product.insert",
  text: `
    insert into product (session_id, id, name, price_minor, currency, available)
    select $1, seeded.*
    from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[]) as seeded
    on conflict (session_id, id) do nothing
    returning id
  `,
};

const lock: Statement<ProductRow> = {
  name: "product.lock",
  text: `
    select ${columns}
    from product p
    where p.session_id = $1 and p.id = any($2::text[])
    order by p.id
    for update
  `,
};

const reset: Statement<ProductRow> = {
  name: "product.reset",
  text: `
    update product p set
      name = seeded.name,
      price_minor = seeded.price_minor,
      currency = seeded.currency,
      available = seeded.available,
      version = p.version + (
        (p.name, p.price_minor, p.currency)
          is distinct from (seeded.name, seeded.price_minor, seeded.currency)
      )::int
    from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
      as seeded (id, name, price_minor, currency, available)
    where p.session_id = $1 and p.id = seeded.id
    returning ${columns}
  `,
};

const add: Statement<ProductRow> = {
  name: "product.add-stock",
  text: `
    update product p set available = p.available + $3::bigint
    where p.session_id = $1 and p.id = $2 and p.available + $3::bigint between 0 and $4::bigint
    returning ${columns}
  `,
};

function columnsOf(products: readonly SeededProduct[]): readonly (readonly unknown[])[] {
  return [
    products.map(({ id }) => id),
    products.map(({ name }) => name),
    products.map(({ priceMinor }) => priceMinor),
    products.map(({ currency }) => currency),
    products.map(({ available }) => available),
  ];
}
