import {
  AppError,
  appErrorFrom,
  type Clock,
  failpoint,
  TransientError,
  uuidv7,
} from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";
import type { Pool, PoolClient } from "pg";

import { databaseErrorFrom, troubleOf } from "../database/database-error.ts";
import type { OutgoingEnvelope } from "../envelope/envelopes-of.ts";
import type { OutboxLimits } from "../settings.ts";
import { PostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import { createSlots } from "./slots.ts";

export type UnitsOfWorkOptions = {
  readonly pool: Pool;
  readonly service: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: OutboxLimits;
  /** Gets what a committed unit of work wrote to the outbox, before its own actions run. */
  readonly onCommitted: (envelopes: readonly OutgoingEnvelope[]) => void;
};

/** `UnitsOfWork` for the engine itself, which may split a unit of work into parts. */
export type PostgresUnitsOfWork = {
  readonly run: <T>(work: (uow: PostgresUnitOfWork) => Promise<T>) => Promise<T>;
};

/**
 * Runs units of work on a pool. As many run at once as the pool has connections, less two: reads, the
 * relay and a nested query always find one. On a conflict, a deadlock or a serialisation failure the work
 * is rolled back and run again at once, up to `reruns` times: it must start from its arguments each time.
 */
export function createUnitsOfWork(options: UnitsOfWorkOptions): PostgresUnitsOfWork {
  const { pool, limits } = options;
  const slots = createSlots({
    count: Math.max(1, (pool.options.max ?? 10) - 2),
    waitingMax: limits.workWaiting,
  });
  return {
    run: async (work) => {
      await slots.take();
      try {
        for (let rerun = 0; ; rerun += 1) {
          try {
            return await runOnce(options, work);
          } catch (error) {
            const trouble = troubleOf(error);
            const mayRerun = trouble === "conflict" || trouble === "contention";
            if (!mayRerun || rerun >= limits.reruns) {
              throw error;
            }
            options.log.debug({ trouble, rerun: rerun + 1 }, "a unit of work runs again");
          }
        }
      } finally {
        slots.give();
      }
    },
  };
}

async function runOnce<T>(
  options: UnitsOfWorkOptions,
  work: (uow: PostgresUnitOfWork) => Promise<T>,
): Promise<T> {
  const { service, clock, limits } = options;
  const client = await checkOut(options.pool);
  const uow = new PostgresUnitOfWork({
    client,
    source: service,
    limits,
    newId: () => uuidv7(clock),
  });
  const limit = startLimit(client, limits.workWithinMs);
  let result: T;
  let envelopes: readonly OutgoingEnvelope[];
  try {
    uow.begin();
    result = await Promise.race([work(uow), limit.passed]);
    envelopes = await Promise.race([uow.commit(), limit.passed]);
  } catch (reason) {
    const error = limit.error ?? failureOf(uow, reason);
    await giveUp(client, uow, error);
    throw error;
  } finally {
    limit.stop();
  }
  client.release();
  failpoint("uow.after-commit", envelopes);
  announce(options, uow, envelopes);
  return result;
}

async function checkOut(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseErrorFrom(error);
  }
}

/** A statement that failed explains an error that follows from it better than that error does. */
function failureOf(uow: PostgresUnitOfWork, reason: unknown): AppError {
  const error = databaseErrorFrom(reason);
  return uow.failure !== undefined && error.kind === "bug" ? uow.failure : error;
}

/** Rolls back; a connection that cannot even do that is not given back to the pool. */
async function giveUp(client: PoolClient, uow: PostgresUnitOfWork, error: AppError): Promise<void> {
  if (troubleOf(error) === "outage" || error instanceof TimeLimitError) {
    client.release(error);
    return;
  }
  try {
    await uow.rollback();
    client.release();
  } catch (lost) {
    client.release(appErrorFrom(lost));
  }
}

function announce(
  options: UnitsOfWorkOptions,
  uow: PostgresUnitOfWork,
  envelopes: readonly OutgoingEnvelope[],
): void {
  if (envelopes.length > 0) {
    options.onCommitted(envelopes);
  }
  for (const action of uow.actions) {
    try {
      action();
    } catch (error) {
      options.log.error({ err: error }, "an action after a commit failed");
    }
  }
}

class TimeLimitError extends TransientError {}

type Limit = {
  readonly passed: Promise<never>;
  readonly error: TimeLimitError | undefined;
  readonly stop: () => void;
};

/**
 * A time limit on our side of the wire: a server that vanished without closing the connection would
 * otherwise be waited for without end. When it passes, the socket is closed.
 */
function startLimit(client: PoolClient, withinMs: number): Limit {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  let error: TimeLimitError | undefined;
  const timer = setTimeout(() => {
    error = new TimeLimitError(`a unit of work took longer than ${withinMs} ms`);
    reject(error);
    client.connection.stream.destroy();
  }, withinMs);
  return {
    passed: promise,
    get error() {
      return error;
    },
    stop: () => clearTimeout(timer),
  };
}
