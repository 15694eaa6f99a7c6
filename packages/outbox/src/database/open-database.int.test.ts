import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { defineEntity, p } from "@mikro-orm/core";
import { Migration } from "@mikro-orm/migrations";
import { AppError, TransientError } from "@ordersaga/kernel";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, startTcpProxy, type TestDatabase, waitFor } from "@ordersaga/testkit";

import { createOutboxTables, dropOutboxTables } from "../tables/outbox-tables.ts";
import { openDatabase } from "./open-database.ts";

let tables: TestDatabase;

before(async () => {
  tables = await createTestDatabase({ name: "outbox_open", sql: "select 1" });
});

after(() => tables[Symbol.asyncDispose]());

const Thing = defineEntity({
  name: "Thing",
  tableName: "thing",
  properties: { id: p.integer().primary(), size: p.bigint() },
});

class FirstMigration extends Migration {
  override name = "FirstMigration";

  override up(): void {
    this.addSql(createOutboxTables);
    this.addSql("create table thing (id int primary key, size bigint not null)");
  }

  override down(): void {
    this.addSql(dropOutboxTables);
    this.addSql("drop table thing");
  }
}

const schema = { entities: [Thing], migrations: [FirstMigration], log: silentLogger };

test("processes that start together migrate once", async () => {
  const databases = await Promise.all(
    [1, 2, 3].map(() => openDatabase({ ...schema, url: tables.url, poolMax: 3 })),
  );
  const applied = await tables.query("select name from mikro_orm_migrations");
  assert.deepEqual(applied, [{ name: "FirstMigration" }]);
  await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()));
});

test("the outbox's tables can be taken away again", async () => {
  await using database = await openDatabase({ ...schema, url: tables.url, poolMax: 3 });
  await database.orm.migrator.down();
  const left = await tables.query("select to_regclass('outbox') is null as gone");
  assert.deepEqual(left, [{ gone: true }]);
  await database.orm.migrator.up();
});

test("int8 is a bigint, in statements and in entities", async () => {
  await using database = await openDatabase({ ...schema, url: tables.url, poolMax: 3 });
  const size = 9_007_199_254_740_993n;
  const rows = await database.query<{ size: bigint; sizes: bigint[]; at: Date }>(
    {
      name: "thing-insert",
      text: "insert into thing values (1, $1) returning size, array[size] as sizes, now() as at",
    },
    [size],
  );
  assert.equal(rows[0]?.size, size);
  assert.deepEqual(rows[0]?.sizes, [size]);
  assert.ok(rows[0]?.at instanceof Date);
  const thing = await database.em().findOneOrFail(Thing, { id: 1 });
  assert.equal(thing.size, size);
});

test("a server that is not there yet is waited for", async () => {
  const { proxied, proxy } = await throughProxy();
  await using _closing = proxy;
  proxy.cut();
  const opening = openDatabase({ ...schema, url: proxied, poolMax: 3 });
  const early = await Promise.race([opening.then(() => "open"), waits(300)]);
  assert.equal(early, "still waiting");
  proxy.restore();
  await using database = await opening;
  assert.ok(await database.orm.isConnected());
});

test("waiting can be given up", async () => {
  const { proxied, proxy } = await throughProxy();
  await using _closing = proxy;
  proxy.cut();
  const signal = AbortSignal.timeout(150);
  await assert.rejects(openDatabase({ ...schema, url: proxied, poolMax: 3, signal }), {
    name: "TimeoutError",
  });
});

test("a wrong password is no reason to wait", async () => {
  const url = new URL(tables.url);
  url.username = "nobody_of_that_name";
  const opening = openDatabase({ ...schema, url: url.href, poolMax: 3 });
  await assert.rejects(opening, (error) => error instanceof AppError && error.kind === "bug");
});

test("a migration that fails stops the start", async () => {
  class BadMigration extends Migration {
    override name = "BadMigration";

    override up(): void {
      this.addSql("create table thing (id int primary key)");
    }
  }
  const migrations = [FirstMigration, BadMigration];
  const opening = openDatabase({ ...schema, migrations, url: tables.url, poolMax: 3 });
  await assert.rejects(opening, AppError);
});

test("a server that goes away and comes back is survived, with idle connections and busy ones", async () => {
  const { proxied, proxy } = await throughProxy();
  await using _closing = proxy;
  await using database = await openDatabase({ ...schema, url: proxied, poolMax: 4 });
  const sleep = { name: "sleep", text: "select pg_sleep(5)" };
  const one = { name: "one", text: "select 1 as one" };
  await Promise.all([database.query(one, []), database.query(one, []), database.query(one, [])]);
  const busy = database.query(sleep, []);
  await waitFor(async () => (await activeSleeps()) === 1, { withinMs: 3000 });
  proxy.cut();
  await assert.rejects(busy, TransientError);
  await assert.rejects(database.query(one, []), TransientError);
  const reachable = database.reachable();
  proxy.restore();
  await reachable;
  assert.deepEqual(await database.query(one, []), [{ one: 1 }]);
  await waitFor(async () => (await activeSleeps()) === 0, { withinMs: 5000 });
});

async function activeSleeps(): Promise<number> {
  const rows = await tables.query(
    `select pid from pg_stat_activity
     where datname = current_database() and state = 'active' and query like '%pg_sleep(5)%'
       and pid <> pg_backend_pid()`,
  );
  return rows.length;
}

async function throughProxy() {
  const url = new URL(tables.url);
  const proxy = await startTcpProxy({ targetPort: Number(url.port) });
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  return { proxied: url.href, proxy };
}

async function waits(milliseconds: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return "still waiting";
}
