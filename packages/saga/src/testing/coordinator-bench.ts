import assert from "node:assert/strict";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, uuidv7 } from "@ordersaga/kernel";
import type { IncomingEvent, OutgoingEvent, Statement } from "@ordersaga/outbox";

import type { AbortResult, Coordinator } from "../coordinator/coordinator.ts";
import { createCoordinator } from "../coordinator/create-coordinator.ts";
import type { SagaLimits } from "../definition/limits.ts";
import { alphabetSaga } from "./alphabet.ts";
import { openTables, type Tables } from "./coordinated.ts";

/** Coordinators over one database, with a clock that stands still until a test moves it. */
export type CoordinatorBench = {
  readonly tables: Tables;
  /** Milliseconds since 1970. */
  readonly time: { now: number };
  readonly coordinatorOf: (options?: CoordinatorOfBench) => Coordinator;
  /** Begins so many sagas and returns their ids. */
  readonly begin: (
    coordinator: Coordinator,
    count: number,
    coordination?: Coordination,
    sessionId?: string,
  ) => Promise<readonly string[]>;
  /** Hands a set of outcomes of one type to the reaction that the coordinator has for it. */
  readonly hear: (coordinator: Coordinator, events: readonly IncomingEvent[]) => Promise<void>;
  /** Cancels a saga for {@link cause}. */
  readonly abort: (
    coordinator: Coordinator,
    sagaId: string,
    sessionId?: string,
  ) => Promise<readonly AbortResult[]>;
  readonly rowOf: (sagaId: string) => Promise<Row>;
  readonly forgetAll: () => Promise<void>;
};

export type CoordinatorOfBench = {
  readonly limits?: SagaLimits;
  /** The newest first. */
  readonly versions?: readonly number[];
};

/** Why tests cancel. */
export const cause = { code: "CHANGED_MIND", message: "Not any more." };

/** A row of the saga table, as far as tests look at it. */
export type Row = {
  readonly status: string;
  readonly progress: string;
  readonly current_step: string;
  readonly decision: string | null;
  readonly cause_code: string | null;
  readonly history: readonly { readonly step: string; readonly status: string }[];
  readonly facts: readonly string[];
  readonly recoveries: number;
  readonly due_at: Date | null;
};

/** Opens a database for one test file. */
export async function openCoordinatorBench(): Promise<CoordinatorBench> {
  const tables = await openTables();
  const time = { now: Date.parse("2026-01-01T00:00:00.000Z") };
  const clock = { now: () => new Date(time.now) };
  return { tables, time, coordinatorOf, begin, hear, abort, rowOf, forgetAll };

  function coordinatorOf(options: CoordinatorOfBench = {}): Coordinator {
    const [newest = 1, ...older] = options.versions ?? [1];
    return createCoordinator({
      definitions: [
        alphabetSaga({ version: newest }),
        ...older.map((version) => alphabetSaga({ version })),
      ],
      unitsOfWork: tables.unitsOfWork,
      clock,
      rng: () => 0.5,
      log: { warn: () => undefined, error: () => undefined },
      scanBatch: 100,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
  }

  async function begin(
    coordinator: Coordinator,
    count: number,
    coordination: Coordination = Coordination.CHOREOGRAPHY,
    sessionId = "test",
  ): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, () => hexOfUuid(uuidv7(clock)) ?? "");
    await tables.unitsOfWork.run((uow) =>
      coordinator.begin(
        uow,
        ids.map((sagaId) => ({
          sagaId,
          sessionId,
          coordination,
          traceparent: "",
          data: { text: "x" },
        })),
      ),
    );
    return ids;
  }

  async function hear(coordinator: Coordinator, events: readonly IncomingEvent[]): Promise<void> {
    const type = events[0]?.type;
    const reaction = coordinator.reactions.find((each) => each.type === type);
    assert.ok(reaction !== undefined, `no reaction to ${type?.typeName}`);
    await tables.unitsOfWork.run((uow) => reaction.handle(uow, events));
  }

  function abort(coordinator: Coordinator, sagaId: string, sessionId = "test") {
    return tables.unitsOfWork.run((uow) =>
      coordinator.abort(uow, [{ sagaId, sessionId, as: "CANCELLED", cause }]),
    );
  }

  async function rowOf(sagaId = ""): Promise<Row> {
    const [row] = await tables.database.query(selectRow, [sagaId]);
    assert.ok(row !== undefined, "no such saga");
    return row;
  }

  async function forgetAll(): Promise<void> {
    await tables.database.query(deleteAll, []);
  }
}

const selectRow: Statement<Row> = {
  name: "test.select-saga",
  text: "SELECT * FROM saga WHERE saga_id = $1::uuid",
};

const deleteAll: Statement<never> = { name: "test.forget-all", text: "DELETE FROM saga" };

/** The names of the messages that were emitted. */
export function names(said: readonly OutgoingEvent[]): string[] {
  return said.map(({ type }) => type.name);
}
