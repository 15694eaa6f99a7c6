import { type Cause, CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import {
  type Clock,
  hexOfUuid,
  readConfig,
  systemClock,
  systemRng,
  uuidv7,
} from "@ordersaga/kernel";
import { createMemoryBus, type MemoryBus, type MessageBus } from "@ordersaga/messaging";
import { type Logger, silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, type TestDatabase } from "@ordersaga/testkit";

import type { Database } from "../database/database.ts";
import { openDatabase } from "../database/open-database.ts";
import { createOutbox, type Outbox } from "../outbox.ts";
import { type IncomingEvent, type Reaction, reactTo } from "../reaction.ts";
import { type OutboxLimits, outboxLimitsFrom, outboxSettings } from "../settings.ts";
import { createOutboxTables } from "../tables/outbox-tables.ts";
import { createRepairTables } from "../tables/repair-tables.ts";
import type { EventContext, Statement, UnitOfWork } from "../unit-of-work.ts";

/** A database with the outbox's tables and one table for effects, a bus, and outboxes between them. */
export type World = AsyncDisposable & {
  readonly tables: TestDatabase;
  readonly bus: MemoryBus;
  readonly database: Database;
  /** Another process, as far as the database and the bus can tell. */
  readonly outbox: (options?: OutboxOfWorld) => Promise<Outbox>;
};

export type OutboxOfWorld = {
  readonly limits?: Partial<OutboxLimits>;
  readonly service?: string;
  readonly bus?: MessageBus;
  readonly database?: Database;
  readonly log?: Logger;
  readonly clock?: Clock;
};

export async function createWorld(name: string): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const tables = stack.use(
    await createTestDatabase({
      name,
      sql: `${createOutboxTables}\n${createRepairTables}\n${effectTable}`,
    }),
  );
  const bus = stack.use(createMemoryBus());
  const database = stack.use(await openTestDatabase(tables.url));
  const closing = stack.move();
  return {
    tables,
    bus,
    database,
    outbox: async (options = {}) => {
      const outbox = createOutbox({
        database: options.database ?? database,
        bus: options.bus ?? bus,
        service: options.service ?? "saga",
        clock: options.clock ?? systemClock,
        rng: systemRng,
        log: options.log ?? silentLogger,
        limits: { ...shortLimits, ...options.limits },
      });
      return closing.use(outbox);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export async function openTestDatabase(url: string, poolMax = 6): Promise<Database> {
  return await openDatabase({ url, poolMax, entities: [], migrations: [], log: silentLogger });
}

/** What handlers of tests do: one row for each event, which no event may write twice. */
const effectTable = `
create table effect (
  event_id text not null,
  code text not null check (code <> 'forbidden'),
  at timestamptz not null default now()
);`;

export const insertEffects: Statement<never> = {
  name: "effect-insert",
  text: `insert into effect (event_id, code) select * from unnest($1::text[], $2::text[])`,
};

/** Limits of production, but with the patience of a test. */
export const shortLimits: OutboxLimits = {
  ...outboxLimitsFrom(readConfig(outboxSettings, {})),
  workWithinMs: 5000,
  sweepEveryMs: 50,
  sweepAfterMs: 200,
  streamCheckEveryMs: 50,
  ackWaitMs: 1000,
  nak: { attempts: Infinity, firstMs: 20, factor: 2, maxMs: 200, jitter: 0 },
  retry: { attempts: 3, firstMs: 20, factor: 2, maxMs: 100, jitter: 0 },
  heldPollEveryMs: 25,
};

/** Writes one effect for each event; `handle` may do more, or throw, before that. */
export function recordEffects(
  handle?: (events: readonly IncomingEvent<typeof CauseSchema>[]) => Promise<void> | void,
): Reaction {
  return reactTo({
    type: CauseSchema,
    handle: async (uow, events) => {
      await handle?.(events);
      await uow.query(insertEffects, [
        events.map(({ id }) => id),
        events.map(({ payload }) => payload.code),
      ]);
    },
  });
}

export function emitCauses(uow: UnitOfWork, ...codes: readonly string[]): void {
  for (const code of codes) {
    const payload: Pick<Cause, "code" | "message"> = { code, message: `because of ${code}` };
    uow.emit({ type: CauseSchema, payload, context: contextOf() });
  }
}

export function contextOf(context: Partial<EventContext> = {}): EventContext {
  return {
    sagaId: hexOfUuid(uuidv7()) ?? "",
    sessionId: "test",
    traceparent: "",
    definitionVersion: 1,
    coordination: 1,
    state: new Uint8Array(),
    ...context,
  };
}

/** How often each code had its effect. */
export async function effectsOf(tables: TestDatabase): Promise<Record<string, number>> {
  const rows = await tables.query<{ code: string; count: number }>(
    "select code, count(*)::int as count from effect group by code order by code",
  );
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}
