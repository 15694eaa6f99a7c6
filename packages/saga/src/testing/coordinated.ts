import { Migration } from "@mikro-orm/migrations";
import { readConfig, systemClock, systemRng } from "@ordersaga/kernel";
import { createMemoryBus, type MessageBus } from "@ordersaga/messaging";
import {
  createOutbox,
  createOutboxTables,
  type Database,
  openDatabase,
  type Outbox,
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
  /** A bus of its own, as the outboxes of one system see it; services share the database. */
  readonly system: (see: (real: MessageBus) => MessageBus) => (service: string) => Outbox;
};

const edges = { clock: systemClock, rng: systemRng, log: silentLogger };
const limits = outboxLimitsFrom(readConfig(outboxSettings, { HELD_POLL_EVERY_MS: "50" }));

/** Makes a database of its own for one test file. */
export async function openTables(): Promise<Tables> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await createTestDatabase({ name: "saga", sql: "SELECT 1" }));
  const database = stack.use(
    await openDatabase({
      url,
      entities: [],
      migrations: [SagaTables],
      poolMax: 8,
      log: silentLogger,
    }),
  );
  const { unitsOfWork, said } = remembering(system((real) => real)("alphabet").unitsOfWork);
  const open = stack.move();
  return { database, unitsOfWork, said, system, [Symbol.asyncDispose]: () => open.disposeAsync() };

  function system(see: (real: MessageBus) => MessageBus): (service: string) => Outbox {
    const bus = see(createMemoryBus());
    return (service) => createOutbox({ ...edges, database, bus, service, limits });
  }
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
