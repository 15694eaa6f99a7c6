import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "pg";

import { createTestDatabase } from "./index.ts";

const sql = "CREATE TABLE thing (id int PRIMARY KEY)";

test("a test database has the tables, empty, and is dropped at the end", async () => {
  const database = await createTestDatabase({ name: "things", sql });
  await database.query("INSERT INTO thing VALUES (1)");
  await using other = await createTestDatabase({ name: "things", sql });
  assert.deepEqual(await other.query("SELECT * FROM thing"), []);
  await database[Symbol.asyncDispose]();
  await assert.rejects(database.query("SELECT 1"), /does not exist/);
});

test("a connection that is left open is reported", async () => {
  const database = await createTestDatabase({ name: "things", sql });
  const client = new Client({ connectionString: database.url, application_name: "forgotten" });
  client.on("error", () => undefined);
  await client.connect();
  await assert.rejects(async () => {
    await database[Symbol.asyncDispose]();
  }, /1 connections to test_things_\w+ are still open[^]*forgotten idle/);
});
