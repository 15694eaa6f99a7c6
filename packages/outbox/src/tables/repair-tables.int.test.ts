import assert from "node:assert/strict";
import { test } from "node:test";

import { uuidv7 } from "@ordersaga/kernel";
import { createTestDatabase, type TestDatabase } from "@ordersaga/testkit";

import { createOutboxTables } from "./outbox-tables.ts";
import { createRepairTables, dropRepairTables } from "./repair-tables.ts";

test("the tables of repairs come and go, and held messages stay", async () => {
  await using tables = await createTestDatabase({ name: "repair_tables", sql: createOutboxTables });
  await hold(tables, "RETRYING");
  await hold(tables, "DEAD");
  await assert.rejects(hold(tables, "REDRIVEN"), /held_message_check/);
  await tables.query(createRepairTables);
  await hold(tables, "REDRIVEN");
  await tables.query(dropRepairTables);
  const rows = await tables.query<{ status: string }>(
    "select status from held_message order by status",
  );
  assert.deepEqual(
    rows.map(({ status }) => status),
    ["DEAD", "RETRYING", "RETRYING"],
  );
  await tables.query(createRepairTables);
  await tables.query("update held_message set status = 'REDRIVEN' where status = 'RETRYING'");
});

async function hold(tables: TestDatabase, status: string): Promise<void> {
  const id = uuidv7();
  await tables.query(
    `insert into held_message (id, status, consumer, subject, type, event_id, saga_id, session_id,
       body, headers, reason, error_code, error, attempts, first_attempt_at, last_attempt_at,
       next_attempt_at)
     values ($1, $2::text, 'c', 's', 't', $3, '', '', '', '{}', '', '', '', 1, now(), now(),
       case when $2 = 'DEAD' then null else now() end)`,
    [id, status, id],
  );
}
