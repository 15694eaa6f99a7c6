import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, uuidOf, uuidv7 } from "@ordersaga/kernel";
import type { Statement } from "@ordersaga/outbox";

import { alphabet } from "../testing/alphabet.ts";
import { openTables, type Tables } from "../testing/coordinated.ts";
import type { Coordinator } from "./coordinator.ts";
import { createCoordinator } from "./create-coordinator.ts";

let tables: Tables;
let coordinator: Coordinator;
let now = Date.parse("2026-01-01T00:00:00.000Z");
const clock = { now: () => new Date(now) };
const cause = { code: "CHANGED_MIND", message: "Not any more." };

before(async () => {
  tables = await openTables();
  coordinator = createCoordinator({
    definitions: [alphabet],
    unitsOfWork: tables.unitsOfWork,
    clock,
    rng: () => 0.5,
    log: { warn: () => undefined, error: () => undefined },
  });
});
after(() => tables[Symbol.asyncDispose]());

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  it(`an unfinished saga says again what it waits for, before and after the decision: ${mode}`, async () => {
    const sagaId = await begin(Coordination[mode]);
    const said = types();
    const was = await rowOf(sagaId);
    now += 500;
    assert.deepEqual(await sayAgain(sagaId), ["SAID"]);
    assert.deepEqual(types(), mode === "CHOREOGRAPHY" ? said : said.slice(-1));
    const is = await rowOf(sagaId);
    assert.equal(is?.recoveries, 1);
    assert.deepEqual(is?.updated_at, was?.updated_at);
    assert.deepEqual(is?.history, was?.history);
    assert.ok(is !== undefined && is.due_at > clock.now() && is.due_at <= is.deadline_at);
    await tables.unitsOfWork.run((uow) =>
      coordinator.abort(uow, [{ sagaId, sessionId: "test", as: "CANCELLED", cause }]),
    );
    const undoing = types();
    assert.deepEqual(await sayAgain(uuidOf(sagaId) ?? ""), ["SAID"]);
    const again = types();
    assert.ok(again.length > 0);
    assert.ok(again.every((type) => undoing.includes(type)));
  });
}

it("an ended saga says nothing, and another session's is not found", async () => {
  const sagaId = await begin(Coordination.CHOREOGRAPHY);
  types();
  assert.deepEqual(await sayAgain(sagaId, "other"), ["NOT_FOUND"]);
  assert.deepEqual(await sayAgain(uuidv7()), ["NOT_FOUND"]);
  assert.deepEqual(await sayAgain("nonsense"), ["NOT_FOUND"]);
  await tables.database.query(end, [sagaId]);
  assert.deepEqual(await sayAgain(sagaId), ["ENDED"]);
  assert.deepEqual(types(), []);
  assert.equal((await rowOf(sagaId))?.recoveries, 0);
});

async function begin(coordination: Coordination): Promise<string> {
  const sagaId = hexOfUuid(uuidv7(clock)) ?? "";
  const one = { sagaId, sessionId: "test", coordination, traceparent: "", data: { text: "x" } };
  await tables.unitsOfWork.run((uow) => coordinator.begin(uow, [one]));
  return sagaId;
}

async function sayAgain(sagaId: string, sessionId = "test") {
  const results = await tables.unitsOfWork.run((uow) =>
    coordinator.sayAgain(uow, [{ sagaId, sessionId }]),
  );
  return results.map(({ result }) => result);
}

/** Names of what was said since the last call. */
function types(): string[] {
  return tables.said().map(({ type }) => type.name);
}

async function rowOf(sagaId: string) {
  const [row] = await tables.database.query(select, [sagaId]);
  return row;
}

const select: Statement<{
  readonly recoveries: number;
  readonly updated_at: Date;
  readonly due_at: Date;
  readonly deadline_at: Date;
  readonly history: unknown;
}> = {
  name: "test.select-saga",
  text: "SELECT recoveries, updated_at, due_at, deadline_at, history FROM saga WHERE saga_id = $1",
};

const end: Statement<never> = {
  name: "test.end-saga",
  text: `UPDATE saga SET facts = '["do-a:refused"]', decision = 'FAILED', cause_code = 'X',
      cause_message = '', decided_at = created_at, ended_at = created_at, status = 'FAILED',
      deadline_at = NULL, due_at = NULL
    WHERE saga_id = $1`,
};
