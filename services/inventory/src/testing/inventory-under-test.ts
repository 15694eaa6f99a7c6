import { fromBinary } from "@bufbuild/protobuf";
import { EnvelopeSchema, type Event } from "@ordersaga/gen/saga/v1/envelope";
import { hexOfUuid, readConfig, systemClock, systemRng, uuidv7 } from "@ordersaga/kernel";
import { createMemoryBus } from "@ordersaga/messaging";
import {
  createOutbox,
  type Database,
  openDatabase,
  outboxLimitsFrom,
  outboxSettings,
  type UnitsOfWork,
} from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase } from "@ordersaga/testkit";

import { entities, migrations } from "../persistence/index.ts";

/** Inventory's own database and units of work for one test file, without broker or server. */
export type InventoryUnderTest = AsyncDisposable & {
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
  /** Units of work of a second process on the same database. */
  readonly otherUnitsOfWork: UnitsOfWork;
  /** Puts products on sale that have this many free pieces. */
  readonly stock: (sessionId: string, pieces: Readonly<Record<string, number>>) => Promise<void>;
  readonly levelOf: (sessionId: string, id: string) => Promise<StockLevel>;
  /** Every event in the outbox of one session, oldest first, with the name of its type. */
  readonly emitted: (sessionId: string) => Promise<readonly EmittedEvent[]>;
};

export type StockLevel = {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
};

export type EmittedEvent = Event & { readonly type: string; readonly envelopeId: string };

/** Makes a database with inventory's tables and opens it twice. */
export async function openInventoryUnderTest(): Promise<InventoryUnderTest> {
  await using opened = new AsyncDisposableStack();
  const test = opened.use(await createTestDatabase({ name: "inventory", entities, migrations }));
  const open = async (): Promise<{ database: Database; unitsOfWork: UnitsOfWork }> => {
    const database = opened.use(
      await openDatabase({ url: test.url, entities, migrations, poolMax: 8, log: silentLogger }),
    );
    const { unitsOfWork } = opened.use(createTestOutbox(database));
    return { database, unitsOfWork };
  };
  const { database, unitsOfWork } = await open();
  const { unitsOfWork: otherUnitsOfWork } = await open();
  const all = opened.move();
  return {
    database,
    unitsOfWork,
    otherUnitsOfWork,
    stock: async (sessionId, pieces) => {
      await test.query(
        `insert into product (session_id, id, name, price_minor, currency, available)
         select $1, id, id, 100, 'EUR', available
         from unnest($2::text[], $3::bigint[]) as p (id, available)`,
        [sessionId, Object.keys(pieces), Object.values(pieces)],
      );
    },
    levelOf: async (sessionId, id) => {
      const [level] = await test.query<StockLevel>(
        `select available::int, reserved::int, sold::int
         from product where session_id = $1 and id = $2`,
        [sessionId, id],
      );
      if (level === undefined) {
        throw new Error(`session ${sessionId} has no product ${id}`);
      }
      return level;
    },
    emitted: async (sessionId) => {
      const rows = await test.query<{ body: Buffer }>(
        "select body from outbox order by created_at, id",
      );
      return rows
        .map(({ body }) => fromBinary(EnvelopeSchema, body))
        .flatMap(({ id, type, events }) =>
          events.map((event) => ({ ...event, type, envelopeId: id })),
        )
        .filter((event) => event.sessionId === sessionId);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A saga id as events carry it: 32 hex digits. */
export function newSagaId(): string {
  return hexOfUuid(uuidv7()) ?? "";
}

function createTestOutbox(database: Database) {
  return createOutbox({
    database,
    bus: createMemoryBus(),
    service: "inventory",
    clock: systemClock,
    rng: systemRng,
    log: silentLogger,
    limits: outboxLimitsFrom(readConfig(outboxSettings, {})),
  });
}
