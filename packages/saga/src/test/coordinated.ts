import { Migration } from "@mikro-orm/migrations";
import { readConfig, systemClock, systemRng } from "@ordersaga/kernel";
import { createMemoryBus } from "@ordersaga/messaging";
import {
  createOutbox,
  createOutboxTables,
  type Database,
  openDatabase,
  type OutgoingEvent,
  outboxLimitsFrom,
  outboxSettings,
  type UnitsOfWork,
} from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase } from "@ordersaga/testkit";

import { checkProgress, createSagaTable } from "../coordinator/saga-table.ts";
import { alphabet } from "./alphabet.ts";

/** A database with the saga table, and units of work that remember what they emit. */
export type Tables = AsyncDisposable & {
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
  /** What was emitted and committed since the last call. */
  readonly said: () => readonly OutgoingEvent[];
};

/** Makes a database of its own for one test file. */
export async function openTables(): Promise<Tables> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await createTestDatabase({ name: "saga", sql: "SELECT 1" }));
  const database = stack.use(
    await openDatabase({
      url,
      entities: [],
      migrations: [SagaTables],
      poolMax: 4,
      log: silentLogger,
    }),
  );
  const bus = stack.use(createMemoryBus());
  const outbox = createOutbox({
    database,
    bus,
    service: "alphabet",
    clock: systemClock,
    rng: systemRng,
    log: silentLogger,
    limits: outboxLimitsFrom(readConfig(outboxSettings, {})),
  });
  const { unitsOfWork, said } = remembering(outbox.unitsOfWork);
  const open = stack.move();
  return { database, unitsOfWork, said, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

class SagaTables extends Migration {
  override readonly name = "SagaTables";

  override up(): void {
    this.addSql(createOutboxTables);
    this.addSql(createSagaTable);
    this.addSql(checkProgress(alphabet));
  }
}

function remembering(real: UnitsOfWork): Pick<Tables, "unitsOfWork" | "said"> {
  let committed: OutgoingEvent[] = [];
  return {
    unitsOfWork: {
      run: (work) =>
        real.run((uow) => {
          const emitted: OutgoingEvent[] = [];
          uow.afterCommit(() => committed.push(...emitted));
          return work({
            query: (statement, values) => uow.query(statement, values),
            afterCommit: (action) => uow.afterCommit(action),
            emit: (event) => {
              emitted.push(event);
              uow.emit(event);
            },
          });
        }),
    },
    said: () => {
      const said = committed;
      committed = [];
      return said;
    },
  };
}
