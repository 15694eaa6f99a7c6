import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { Client } from "pg";

import { DataInUseError, startPostgres } from "./index.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-postgres-"));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true }));
const dataDir = join(folder, "main");

test("what was committed survives a kill and a new start; a role enters its own database only", async (t) => {
  const postgres = await startPostgres({ dataDir, port: 0 });
  t.after(postgres.stop);
  const own = { role: "order", password: "a:b/c d", database: "order" };
  const { url } = await postgres.createRoleAndDatabase(own);
  await postgres.createRoleAndDatabase({ ...own, role: "other", database: "other" });
  await query(url, "CREATE TABLE thing AS SELECT 7 AS id");
  await postgres.kill();
  await postgres.restart();
  assert.deepEqual(await query(url, "SELECT id FROM thing"), [{ id: 7 }]);
  assert.deepEqual(await query(url, "SHOW fsync"), [{ fsync: "on" }]);
  await assert.rejects(query(url.replace(/order$/, "other"), "SELECT"), /permission denied/);
  await assert.rejects(query(url.replace("a%3Ab", "wrong"), "SELECT"), /password authentication/);
  assert.equal(statSync(join(dataDir, "password")).mode & 0o777, 0o600);

  await postgres.stop();
  const again = await startPostgres({ dataDir, port: postgres.port });
  t.after(again.stop);
  const { url: sameUrl } = await again.createRoleAndDatabase(own);
  assert.equal(sameUrl, url);
  assert.deepEqual(await query(url, "SELECT id FROM thing"), [{ id: 7 }]);
});

test("a port or a folder that is taken is a sentence", async (t) => {
  const postgres = await startPostgres({ dataDir, port: 0 });
  t.after(postgres.stop);
  await assert.rejects(
    startPostgres({ dataDir: join(folder, "second"), port: postgres.port }),
    /^Error: Port [0-9]+ is taken by another program/,
  );
  await assert.rejects(
    startPostgres({ dataDir, port: 0 }),
    (error) => error instanceof DataInUseError && error.ownerPid === process.pid,
  );
});

test("a postmaster.pid whose number belongs to another process is no obstacle", async (t) => {
  const pidFile = join(dataDir, "data/postmaster.pid");
  const first = await startPostgres({ dataDir, port: 0 });
  const written = readFileSync(pidFile, "utf8");
  await first.kill();
  const other = spawn("sleep", ["60"], { ...unprivilegedUser(dataDir)?.ids });
  t.after(() => other.kill());
  writeFileSync(pidFile, written.replace(/^[0-9]+/, String(other.pid)));
  const second = await startPostgres({ dataDir, port: 0 });
  t.after(second.stop);
  assert.deepEqual(await query(second.adminUrl, "SELECT 1 AS one"), [{ one: 1 }]);
});

async function query(connectionString: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
