import assert from "node:assert/strict";
import { after, describe, it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, PermanentError, uuidv7 } from "@ordersaga/kernel";

import { cause, names, openCoordinatorBench } from "../testing/coordinator-bench.ts";
import { incoming } from "../testing/incoming.ts";

const { CHOREOGRAPHY, ORCHESTRATION } = Coordination;
const bench = await openCoordinatorBench();
const { tables, coordinatorOf, begin, hear, abort, rowOf } = bench;

after(() => tables[Symbol.asyncDispose]());

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
  });
});
