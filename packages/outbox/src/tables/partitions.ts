import type { Clock } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";
import type { PoolClient } from "pg";

import type { Database } from "../database/database.ts";
import { databaseErrorFrom } from "../database/database-error.ts";
import { firstUuidAt } from "./uuid-time.ts";

/** One table that is partitioned by the time in a UUIDv7 column. */
export type PartitionedTable = {
  readonly table: string;
  readonly column: string;
  readonly retentionMs: number;
};

/**
 * Makes the partitions of now and the near future, drops those whose time is over as a whole, and empties
 * the default partition of what has a better place or is too old. A partition that cannot be locked soon
 * is left for the next time, so that nobody waits behind us.
 */
export async function maintainPartitions(options: {
  readonly database: Database;
  readonly tables: readonly PartitionedTable[];
  readonly partitionMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<void> {
  const { database, tables, partitionMs, clock, log } = options;
  const client = await database.pool.connect().catch((error: unknown) => {
    throw databaseErrorFrom(error);
  });
  let lost: Error | undefined;
  try {
    // One process at a time; the others have nothing to add.
    const { rows } = await client.query<{ locked: boolean }>(
      "select pg_try_advisory_lock($1) as locked",
      [partitionLock],
    );
    if (rows[0]?.locked === true) {
      const now = clock.now().getTime();
      for (const table of tables) {
        await maintain({ client, table, partitionMs, now, log });
      }
      await client.query("select pg_advisory_unlock($1)", [partitionLock]);
    }
  } catch (error) {
    lost = databaseErrorFrom(error);
    throw lost;
  } finally {
    client.release(lost);
  }
}

/** "part" in ASCII. */
const partitionLock = 0x70617274;
const partitionsAhead = 3;

type Maintenance = {
  readonly client: PoolClient;
  readonly table: PartitionedTable;
  readonly partitionMs: number;
  readonly now: number;
  readonly log: Logger;
};

async function maintain(given: Maintenance): Promise<void> {
  const { client, table, partitionMs, now } = given;
  const existing = await partitionsOf(client, table.table);
  const first = Math.floor(now / partitionMs) * partitionMs;
  for (let step = 0; step <= partitionsAhead; step += 1) {
    const from = first + step * partitionMs;
    if (!existing.some((partition) => partition.from <= from && from < partition.to)) {
      await attempt(given, () => makePartition(client, table, from, from + partitionMs));
    }
  }
  const oldest = now - table.retentionMs;
  for (const { name } of existing.filter(({ to }) => to <= oldest)) {
    if (!(await attempt(given, () => dropPartition(given, name)))) {
      break;
    }
  }
  await client.query(
    `delete from ${table.table}_default where ${table.column} in (
       select ${table.column} from ${table.table}_default where ${table.column} < $1 limit 10000)`,
    [firstUuidAt(oldest)],
  );
}

async function dropPartition({ client, log }: Maintenance, name: string): Promise<void> {
  await client.query(`drop table ${name}`);
  log.info({ partition: name }, "an old partition is dropped");
}

/** In a transaction that waits for its locks no longer than a second. */
async function attempt(given: Maintenance, action: () => Promise<void>): Promise<boolean> {
  const { client, table, log } = given;
  await client.query("begin");
  try {
    await client.query("set local lock_timeout = '1s'");
    await action();
    await client.query("commit");
    return true;
  } catch (error) {
    await client.query("rollback");
    log.warn({ err: error, table: table.table }, "a partition is left for the next time");
    return false;
  }
}

/** Rows that came before their partition was made move into it from the default partition. */
async function makePartition(
  client: PoolClient,
  { table, column }: PartitionedTable,
  from: number,
  to: number,
): Promise<void> {
  const name = `${table}_p${from}_${to}`;
  const bounds = [firstUuidAt(from), firstUuidAt(to)];
  await client.query(`create table ${name} (like ${table} including all)`);
  await client.query(
    `with moved as (
       delete from ${table}_default where ${column} >= $1 and ${column} < $2 returning *)
     insert into ${name} select * from moved`,
    bounds,
  );
  await client.query(
    `alter table ${table} attach partition ${name} for values from ('${bounds[0]}') to ('${bounds[1]}')`,
  );
}

type Partition = { readonly name: string; readonly from: number; readonly to: number };

/** The partitions that we named: their time span is in the name. */
async function partitionsOf(client: PoolClient, table: string): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass`,
    [table],
  );
  return rows.flatMap(({ name }) => {
    const match = /_p([0-9]+)_([0-9]+)$/.exec(name);
    return match === null ? [] : [{ name, from: Number(match[1]), to: Number(match[2]) }];
  });
}
