import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, PermanentError, uuidv7 } from "@ordersaga/kernel";
import type { IncomingEvent, OutgoingEvent, Statement } from "@ordersaga/outbox";
import { waitFor } from "@ordersaga/testkit";

import type { SagaLimits } from "../definition/limits.ts";
import { alphabet, alphabetLimits, alphabetSaga } from "../test/alphabet.ts";
import { openTables, type Tables } from "../test/coordinated.ts";
import { incoming } from "../test/incoming.ts";
import type { Coordinator } from "./coordinator.ts";
import { createCoordinator } from "./create-coordinator.ts";

const { CHOREOGRAPHY, ORCHESTRATION } = Coordination;
const cause = { code: "CHANGED_MIND", message: "Not any more." };

let tables: Tables;
let now = Date.parse("2026-01-01T00:00:00.000Z");
const clock = { now: () => new Date(now) };

before(async () => {
  tables = await openTables();
});
after(() => tables[Symbol.asyncDispose]());

function coordinatorOf(
  options: { readonly limits?: SagaLimits; readonly versions?: readonly number[] } = {},
): Coordinator {
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
  coordination: Coordination = CHOREOGRAPHY,
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

/** Hands a set of outcomes of one type to the reaction that the coordinator has for it. */
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

type Row = {
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

const selectRow: Statement<Row> = {
  name: "test.select-saga",
  text: "SELECT * FROM saga WHERE saga_id = $1::uuid",
};

async function rowOf(sagaId = ""): Promise<Row> {
  const [row] = await tables.database.query(selectRow, [sagaId]);
  assert.ok(row !== undefined, "no such saga");
  return row;
}

function names(said: readonly OutgoingEvent[]): string[] {
  return said.map(({ type }) => type.name);
}

describe("a coordinator", () => {
  it("writes the rows of new sagas and announces them", async () => {
    const coordinator = coordinatorOf();
    tables.said();
    const [first = "", second = ""] = await begin(coordinator, 2);
    const said = tables.said();
    assert.deepEqual(names(said), ["Begun", "Begun"]);
    assert.deepEqual(
      said.map(({ context }) => context.sagaId),
      [first, second],
    );
    const row = await rowOf(first);
    assert.equal(row.status, "STARTED");
    assert.equal(row.progress, "BEGUN");
    assert.equal(row.current_step, "do-a");
    assert.deepEqual(row.facts, []);
  });

  it("carries a choreographed saga to its end", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    tables.said();
    for (const name of ["ADone", "BDone", "CDone", "YDone", "ZDone"]) {
      await hear(coordinator, [incoming(name, { sagaId })]);
    }
    assert.deepEqual(names(tables.said()), ["Confirmed"]);
    const row = await rowOf(sagaId);
    assert.equal(row.status, "COMPLETED");
    assert.equal(row.decision, "CONFIRMED");
    assert.equal(row.cause_code, null);
    assert.equal(row.due_at, null);
    const first = ["do-a STARTED", "do-a SUCCEEDED", "do-b SUCCEEDED", "do-c SUCCEEDED"];
    const since = ["pivot SUCCEEDED", "do-y SUCCEEDED", "do-z SUCCEEDED"];
    assert.deepEqual(
      row.history.map(({ step, status }) => `${step} ${status}`),
      [...first, ...since],
    );
  });

  it("carries an orchestrated saga to its end by commands that are made from its state", async () => {
    const coordinator = coordinatorOf();
    tables.said();
    const [sagaId = ""] = await begin(coordinator, 1, ORCHESTRATION);
    for (const name of ["ADone", "BDone", "CDone", "YDone", "ZDone"]) {
      await hear(coordinator, [incoming(name, { sagaId, coordination: ORCHESTRATION })]);
    }
    const said = tables.said();
    const toPivot = ["Begun", "DoARequest", "DoBRequest", "DoCRequest"];
    assert.deepEqual(names(said), [...toPivot, "Confirmed", "DoYRequest", "DoZRequest"]);
    const texts = said
      .filter(({ type }) => type.name.startsWith("Do"))
      .map(({ payload }) => payload["text"]);
    assert.deepEqual(texts, ["x", "x", "x", "x", "x"]);
    assert.equal((await rowOf(sagaId)).status, "COMPLETED");
  });

  it("applies several outcomes of several sagas in one set, duplicates and strangers too", async () => {
    const coordinator = coordinatorOf();
    const [first = "", second = ""] = await begin(coordinator, 2);
    const stranger = hexOfUuid(uuidv7()) ?? "";
    tables.said();
    await hear(coordinator, [
      incoming("CDone", { sagaId: second }),
      incoming("CDone", { sagaId: stranger }),
      incoming("CDone", { sagaId: first }),
      incoming("CDone", { sagaId: second }),
    ]);
    assert.deepEqual(
      tables.said().map(({ context }) => context.sagaId),
      [second, first],
    );
    assert.equal((await rowOf(first)).decision, "CONFIRMED");
    assert.equal((await rowOf(second)).history.length, 3);
  });

  it("passes over an outcome that comes from another session", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    await hear(coordinator, [incoming("CDone", { sagaId, sessionId: "other" })]);
    assert.equal((await rowOf(sagaId)).decision, null);
    assert.deepEqual(await abort(coordinator, sagaId, "other"), [
      { sagaId, sessionId: "other", result: "NOT_FOUND" },
    ]);
  });

  it("keeps the sagas of other sessions in their own", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1, CHOREOGRAPHY, "other");
    await hear(coordinator, [incoming("ADone", { sagaId, sessionId: "other" })]);
    assert.equal((await rowOf(sagaId)).progress, "A_DONE");
    const [result] = await abort(coordinator, sagaId, "other");
    assert.equal(result?.result, "DECIDED");
  });

  it("decides once: who asks for the end is told what became of it", async () => {
    const coordinator = coordinatorOf();
    const [asked = "", confirmed = ""] = await begin(coordinator, 2);
    await hear(coordinator, [incoming("CDone", { sagaId: confirmed })]);
    const key = { sagaId: asked, sessionId: "test" };
    assert.deepEqual(await abort(coordinator, asked), [
      { ...key, result: "DECIDED", decision: "CANCELLED" },
    ]);
    assert.deepEqual(await abort(coordinator, asked), [
      { ...key, result: "ALREADY", decision: "CANCELLED" },
    ]);
    assert.deepEqual(await abort(coordinator, confirmed), [
      { sagaId: confirmed, sessionId: "test", result: "OTHERWISE", decision: "CONFIRMED" },
    ]);
    const row = await rowOf(asked);
    assert.equal(row.cause_code, cause.code);
    assert.equal(row.status, "COMPENSATING");
  });

  it("lets exactly one of a success and a cancel win, whoever commits first", async () => {
    const coordinator = coordinatorOf();
    const ids = await begin(coordinator, 20);
    tables.said();
    await Promise.all(
      ids.flatMap((sagaId) => [
        hear(coordinator, [incoming("CDone", { sagaId })]),
        abort(coordinator, sagaId),
      ]),
    );
    assert.equal(tables.said().length, ids.length);
    for (const sagaId of ids) {
      const { history } = await rowOf(sagaId);
      assert.equal(history.filter(({ step }) => step === "pivot").length, 1);
    }
  });

  it("finishes a saga on the version it began with and refuses versions it does not know", async () => {
    const [sagaId = ""] = await begin(coordinatorOf({ versions: [1] }), 1);
    const both = coordinatorOf({ versions: [2, 1] });
    await hear(both, [incoming("CDone", { sagaId })]);
    assert.equal((await rowOf(sagaId)).decision, "CONFIRMED");
    const newest = coordinatorOf({ versions: [2] });
    await assert.rejects(hear(newest, [incoming("YDone", { sagaId })]), PermanentError);
  });

  it("refuses an outcome that belongs to no saga", async () => {
    const event = incoming("CDone", { sagaId: "nonsense" });
    await assert.rejects(hear(coordinatorOf(), [event]), PermanentError);
  });

  it("tells listeners which sagas have changed, after the commit", async () => {
    const coordinator = coordinatorOf();
    const heard: string[] = [];
    using _listening = coordinator.onChange((ids) => heard.push(...ids));
    const [sagaId = ""] = await begin(coordinator, 1);
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    await abort(coordinator, sagaId);
    assert.deepEqual(heard, [sagaId, sagaId, sagaId]);
    const [second = ""] = await begin(coordinator, 1);
    const work = tables.unitsOfWork.run(async (uow) => {
      const request = { sagaId: second, sessionId: "test", as: "CANCELLED" as const, cause };
      await coordinator.abort(uow, [request]);
      throw new Error("rolled back");
    });
    await assert.rejects(work);
    assert.deepEqual(heard, [sagaId, sagaId, sagaId, second]);
  });
});

describe("a coordinator's scanner", () => {
  before(async () => {
    now += 3_600_000;
    await tables.database.query(forgetAll, []);
  });

  it("does nothing about a saga that is not due", async () => {
    const coordinator = coordinatorOf();
    await begin(coordinator, 1);
    assert.equal(await coordinator.scan(), 0);
  });

  it("says a silent saga again, each time after a longer silence, until it moves", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf({ limits: { ...alphabetLimits, undecided: patient } });
    const [sagaId = ""] = await begin(coordinator, 1);
    tables.said();
    const saidAfter: number[] = [];
    for (let ms = 0; ms < 2_000; ms += 50) {
      await coordinator.scan();
      if (tables.said().length > 0) {
        saidAfter.push(ms);
      }
      now += 50;
    }
    assert.deepEqual(saidAfter, [200, 400, 800, 1_600]);
    assert.equal((await rowOf(sagaId)).recoveries, 4);
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    now += 199;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), []);
    now += 1;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Begun"]);
  });

  it("does not say a saga again that has moved since it became due", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    now += 150;
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    tables.said();
    now += 50;
    assert.equal(await coordinator.scan(), 1);
    assert.deepEqual(tables.said(), []);
    now += 150;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Begun"]);
  });

  it("passes over a saga that somebody else is working on", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf();
    const [busy = ""] = await begin(coordinator, 2);
    now += 200;
    await tables.unitsOfWork.run(async (uow) => {
      const request = { sagaId: busy, sessionId: "test", as: "CANCELLED" as const, cause };
      await coordinator.abort(uow, [request]);
      assert.equal(await coordinator.scan(), 1);
    });
  });

  it("decides against a saga that is past its limit, and says that again until it ends", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    now += 1_000;
    tables.said();
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Aborted"]);
    const row = await rowOf(sagaId);
    assert.equal(row.decision, "CANCELLED");
    assert.equal(row.cause_code, "TOO_SLOW");
    now += 200;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Aborted"]);
    await hear(coordinator, [incoming("ARefused", { sagaId })]);
    now += 3_600_000;
    assert.equal(await coordinator.scan(), 0);
  });

  it("fails a saga that has waited too long", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    await hear(coordinator, [incoming("BWaiting", { sagaId })]);
    now += 9_999;
    await coordinator.scan();
    assert.equal((await rowOf(sagaId)).decision, null);
    now += 5_000;
    await coordinator.scan();
    assert.equal((await rowOf(sagaId)).decision, "FAILED");
  });

  it("shares due sagas with other scanners: each is said once", async () => {
    await tables.database.query(forgetAll, []);
    const [one, other] = [coordinatorOf(), coordinatorOf()];
    await begin(one, 50);
    now += 200;
    tables.said();
    await Promise.all([one.scan(), other.scan()]);
    assert.equal(tables.said().length, 50);
  });

  it("runs until it is disposed of", async () => {
    await tables.database.query(forgetAll, []);
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    now += 1_000;
    await using _scanning = coordinator.startScanner();
    await waitFor(async () => (await rowOf(sagaId)).decision !== null, { withinMs: 5_000 });
  });
});

const patient = { ...alphabetLimits.undecided, withinMs: 3_600_000 };

const forgetAll: Statement<never> = { name: "test.forget-all", text: "DELETE FROM saga" };

describe("the saga table", () => {
  it("refuses a row that breaks an invariant", async () => {
    const [sagaId = ""] = await begin(coordinatorOf(), 1);
    const breaches = [
      "decision = 'CONFIRMED'",
      "decided_at = now()",
      "progress = 'NONSENSE'",
      "status = 'COMPLETED'",
      "ended_at = now(), due_at = NULL",
      "due_at = NULL",
      "deadline_at = NULL",
    ];
    for (const breach of breaches) {
      const text = `UPDATE saga SET ${breach} WHERE saga_id = $1::uuid`;
      await assert.rejects(tables.database.query({ name: breach, text }, [sagaId]), breach);
    }
    assert.equal(alphabet.name, "alphabet");
  });
});
