import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { uuidv7 } from "@ordersaga/kernel";
import { type Database, openDatabase } from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, type TestDatabase } from "@ordersaga/testkit";
import * as fc from "fast-check";

import type { Order } from "../domain/order.ts";
import { expiredKeysIn } from "./expired-keys.ts";
import { takeKeys } from "./idempotency-statements.ts";
import { entities, migrations } from "./index.ts";
import {
  insertOrders,
  orderColumnNames,
  orderColumns,
  orderOf,
  type OrderRow,
} from "./order-statements.ts";
import { OrderEntity } from "./order.entity.ts";

let tables: TestDatabase;
let database: Database;

before(async () => {
  tables = await createTestDatabase({ name: "order", entities, migrations });
  database = await openDatabase({
    url: tables.url,
    entities,
    migrations,
    poolMax: 2,
    log: silentLogger,
  });
});
after(async () => {
  await database?.[Symbol.asyncDispose]();
  await tables?.[Symbol.asyncDispose]();
});

const minor = fc.bigInt(0n, 2n ** 63n - 1n);
const someLine = fc.record({
  productId: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  quantity: fc.integer({ min: 1, max: 1000 }),
  unitPrice: fc.record({ currency: fc.constant("EUR"), minor }),
});
const someOrder: fc.Arbitrary<Order> = fc.record({
  id: fc.constant(uuidv7()),
  sessionId: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  userId: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/),
  lines: fc.array(someLine, { minLength: 1, maxLength: 5 }),
  total: fc.record({ currency: fc.constant("EUR"), minor }),
  paymentToken: fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/),
  createdAt: fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
});

test("orders come back from the table as they went in, however large their amounts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someOrder, { minLength: 1, maxLength: 10 }), async (drawn) => {
      const orders = drawn.map((order) => ({ ...structuredClone(order), id: uuidv7() }));
      await database.query(insertOrders, orderColumns(orders));
      const rows = await database.query<OrderRow>(
        {
          name: "test.read-orders",
          text: `SELECT ${orderColumnNames} FROM orders AS o WHERE id = ANY ($1::uuid[])`,
        },
        [orders.map(({ id }) => id)],
      );
      const found = new Map(rows.map((row) => [row.id, orderOf(row)]));
      for (const order of orders) {
        assert.deepEqual(found.get(order.id), order);
      }
    }),
    { numRuns: 25 },
  );
});

test("the entity tells what the statements wrote", async () => {
  const [order] = fc.sample(someOrder, 1);
  assert.ok(order);
  await database.query(insertOrders, orderColumns([order]));
  const entity = await database.em().findOneOrFail(OrderEntity, {
    id: order.id,
    sessionId: order.sessionId,
  });
  assert.equal(entity.totalMinor, order.total.minor);
  assert.equal(entity.lines.length, order.lines.length);
  assert.deepEqual(entity.createdAt, order.createdAt);
});

test("a key is taken once, and forgotten only when it is old enough", async () => {
  const take = async (key: string, at: Date): Promise<number> => {
    const values = [["s"], [key], ["h"], [uuidv7()], at];
    return (await database.query(takeKeys, values)).length;
  };
  const old = new Date("2026-01-01T00:00:00Z");
  const fresh = new Date("2026-01-02T00:00:01Z");
  assert.deepEqual([await take("old", old), await take("fresh", fresh)], [1, 1]);
  assert.deepEqual([await take("old", fresh), await take("fresh", fresh)], [0, 0]);
  const forget = expiredKeysIn(database);
  const { signal } = new AbortController();
  assert.equal(await forget(new Date("2026-01-02T00:00:00Z"), signal), 1);
  assert.deepEqual([await take("old", fresh), await take("fresh", fresh)], [1, 0]);
});

test("the tables refuse amounts below zero and currencies that are none", async () => {
  const [order] = fc.sample(someOrder, 1);
  assert.ok(order);
  const insert = (total: Order["total"]) =>
    database.query(insertOrders, orderColumns([{ ...order, id: uuidv7(), total }]));
  await assert.rejects(insert({ currency: "EUR", minor: -1n }));
  await assert.rejects(insert({ currency: "eur", minor: 1n }));
  await insert({ currency: "EUR", minor: 1n });
});
