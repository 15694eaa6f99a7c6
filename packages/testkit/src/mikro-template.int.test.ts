import assert from "node:assert/strict";
import { test } from "node:test";

import { Migration } from "@mikro-orm/migrations";

import { createTestDatabase } from "./index.ts";

test("a test database has the tables that migrations make, and knows that they were applied", async () => {
  await using database = await createTestDatabase({
    name: "migrated",
    entities: [],
    migrations: [Migration1Thing],
  });
  assert.deepEqual(await database.query("SELECT * FROM thing"), []);
  assert.deepEqual(await database.query("SELECT name FROM mikro_orm_migrations"), [
    { name: "Migration1Thing" },
  ]);
});

class Migration1Thing extends Migration {
  override readonly name = "Migration1Thing";

  override up(): void {
    this.addSql("CREATE TABLE thing (id int PRIMARY KEY)");
  }
}
