import { setTimeout as sleep } from "node:timers/promises";

import type { MikroORM } from "@mikro-orm/postgresql";
import type { Logger } from "@ordersaga/telemetry";
import type { Pool } from "pg";

/** Any number that no other program locks in the same database: "saga" in ASCII. */
const migrationLock = 0x73616761;

/**
 * Applies the migrations that are not applied yet. Several processes of one service may start together:
 * one migrates, the others wait for it. A dead process loses its lock with its connection.
 */
export async function migrate(options: {
  readonly orm: MikroORM;
  readonly pool: Pool;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { orm, pool, log, signal } = options;
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    // Asked again and again instead of waited for: a waiting statement would run into its time limit.
    while (!(await tryLock())) {
      await sleep(100, undefined, { signal });
    }
    const applied = await orm.migrator.up();
    if (applied.length > 0) {
      log.info({ migrations: applied.map(({ name }) => name) }, "migrations applied");
    }
    await client.query("select pg_advisory_unlock($1)", [migrationLock]);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection that may still hold the lock does not go back to the pool.
    client.release(failure);
  }

  async function tryLock(): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>(
      "select pg_try_advisory_lock($1) as locked",
      [migrationLock],
    );
    return rows[0]?.locked === true;
  }
}
