import { setTimeout as sleep } from "node:timers/promises";

import { Migrator } from "@mikro-orm/migrations";
import { MikroORM, type Options } from "@mikro-orm/postgresql";
import { AppError, type Rng, retryDelayMs, systemRng } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";
import type { Pool } from "pg";

import type { Database } from "./database.ts";
import { databaseErrorFrom, troubleOf } from "./database-error.ts";
import { migrate } from "./migrate.ts";
import { runStatement } from "./run-statement.ts";

export type OpenDatabaseOptions = {
  readonly url: string;
  /** Shown in `pg_stat_activity`. Default `ordersaga`. */
  readonly name?: string;
  readonly entities: NonNullable<Options["entities"]>;
  readonly migrations: readonly MigrationClass[];
  /** Connections at most; at least 2. */
  readonly poolMax: number;
  readonly log: Logger;
  /** Gives up waiting for the server. */
  readonly signal?: AbortSignal;
  /** Time limit of one statement, in milliseconds. Default 30,000. Migrations are bound by it too. */
  readonly statementWithinMs?: number;
  /** A transaction in which nothing happens for so long is ended by the server. Default 15,000. */
  readonly idleInTransactionMs?: number;
  /** How long a caller may wait for a connection. Default 10,000. */
  readonly connectWithinMs?: number;
  readonly rng?: Rng;
};

/** A class that extends MikroORM's `Migration`, named for good: applied migrations are known by name. */
export type MigrationClass = Extract<
  NonNullable<NonNullable<Options["migrations"]>["migrationsList"]>[number],
  abstract new (...args: never) => unknown
>;

/**
 * Opens the pool, waits for a server that is not there yet (however long, each wait is logged), brings
 * the schema up to date and returns the database. Afterwards the server may go away and come back at any
 * time: broken connections are thrown away, queries fail with a TransientError meanwhile. Throws at once
 * when the server refuses the user, or a migration fails for a reason of its own.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const orm = await MikroORM.init(ormOptions(options));
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    const database = databaseOf({ orm, pool, options });
    await whenReachable(options, async () => {
      await pool.query("select 1");
      await migrate({ orm, pool, log: options.log, signal: options.signal });
    });
    return database;
  } catch (error) {
    await orm.close(true);
    throw error;
  }
}

function databaseOf(given: {
  readonly orm: MikroORM;
  readonly pool: Pool;
  readonly options: OpenDatabaseOptions;
}): Database {
  const { orm, pool, options } = given;
  let isClosed = false;
  return {
    orm,
    pool,
    em: () => orm.em.fork(),
    query: async (statement, values) => {
      try {
        const client = await pool.connect();
        let trouble: Error | undefined;
        try {
          return await runStatement(client, statement, values);
        } catch (error) {
          trouble = troubleOf(error) === "outage" ? (error as Error) : undefined;
          throw error;
        } finally {
          client.release(trouble);
        }
      } catch (error) {
        throw databaseErrorFrom(error);
      }
    },
    reachable: (signal) =>
      whenReachable({ ...options, signal }, async () => {
        await pool.query("select 1");
      }),
    [Symbol.asyncDispose]: async () => {
      if (!isClosed) {
        isClosed = true;
        await orm.close(true);
      }
    },
  };
}

const patience = { attempts: Infinity, firstMs: 100, factor: 1.6, maxMs: 3_000, jitter: 0.2 };

async function whenReachable(
  options: {
    readonly log: Logger;
    readonly rng?: Rng | undefined;
    readonly signal?: AbortSignal | undefined;
  },
  action: () => Promise<void>,
): Promise<void> {
  const { log, signal, rng = systemRng } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      if (troubleOf(error) !== "outage") {
        throw error instanceof AppError ? error : databaseErrorFrom(error);
      }
      const delayMs = retryDelayMs({ policy: patience, attempt, rng });
      const reason = String(error instanceof Error && error.message !== "" ? error.message : error);
      log.warn({ attempt, delayMs, reason }, "the database cannot be reached yet");
      // Given up while waiting: the next round throws the reason.
      await sleep(delayMs, undefined, { signal }).catch(() => {});
    }
  }
}

function ormOptions(options: OpenDatabaseOptions): Options {
  return {
    clientUrl: options.url,
    entities: options.entities,
    // A service may have migrations and no entities.
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: {
      migrationsList: [...options.migrations],
      snapshot: false,
      silent: true,
    },
    ensureDatabase: false,
    logger: (message) => options.log.debug({ component: "mikro-orm" }, message),
    driverOptions: {
      max: Math.max(2, options.poolMax),
      pipeline: true,
      keepAlive: true,
      application_name: options.name ?? "ordersaga",
      connectionTimeoutMillis: options.connectWithinMs ?? 10_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: options.statementWithinMs ?? 30_000,
      idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 15_000,
      // A statement whose client is gone ends within a second, and its locks with it.
      // A cached plan made while a table was small reads all of it when it has grown: every set would.
      options: "-c client_connection_check_interval=1000 -c plan_cache_mode=force_custom_plan",
    },
  };
}
