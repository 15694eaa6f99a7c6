import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";

import { waitFor } from "@ordersaga/testkit";

import { alphabetLimits } from "../testing/alphabet.ts";
import { cause, names, openCoordinatorBench } from "../testing/coordinator-bench.ts";
import { incoming } from "../testing/incoming.ts";

const bench = await openCoordinatorBench();
const { tables, time, coordinatorOf, begin, hear, rowOf, forgetAll } = bench;

beforeEach(forgetAll);
after(() => tables[Symbol.asyncDispose]());

describe("a coordinator's scanner", () => {
  it("does nothing about a saga that is not due", async () => {
    const coordinator = coordinatorOf();
    await begin(coordinator, 1);
    assert.equal(await coordinator.scan(), 0);
  });

  it("says a silent saga again, each time after a longer silence, until it moves", async () => {
    const coordinator = coordinatorOf({ limits: { ...alphabetLimits, undecided: patient } });
    const [sagaId = ""] = await begin(coordinator, 1);
    tables.said();
    const saidAfter: number[] = [];
    for (let ms = 0; ms < 2_000; ms += 50) {
      await coordinator.scan();
      if (tables.said().length > 0) {
        saidAfter.push(ms);
      }
      time.now += 50;
    }
    assert.deepEqual(saidAfter, [200, 400, 800, 1_600]);
    assert.equal((await rowOf(sagaId)).recoveries, 4);
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    time.now += 199;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), []);
    time.now += 1;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Begun"]);
  });

  it("does not say a saga again that has moved since it became due", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    time.now += 150;
    await hear(coordinator, [incoming("ADone", { sagaId })]);
    tables.said();
    time.now += 50;
    assert.equal(await coordinator.scan(), 1);
    assert.deepEqual(tables.said(), []);
    time.now += 150;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Begun"]);
  });

  it("passes over a saga that somebody else is working on", async () => {
    const coordinator = coordinatorOf();
    const [busy = ""] = await begin(coordinator, 2);
    time.now += 200;
    await tables.unitsOfWork.run(async (uow) => {
      const request = { sagaId: busy, sessionId: "test", as: "CANCELLED" as const, cause };
      await coordinator.abort(uow, [request]);
      assert.equal(await coordinator.scan(), 1);
    });
  });

  it("decides against a saga that is past its limit, and says that again until it ends", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    time.now += 1_000;
    tables.said();
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Aborted"]);
    const row = await rowOf(sagaId);
    assert.equal(row.decision, "CANCELLED");
    assert.equal(row.cause_code, "TOO_SLOW");
    time.now += 200;
    await coordinator.scan();
    assert.deepEqual(names(tables.said()), ["Aborted"]);
    await hear(coordinator, [incoming("ARefused", { sagaId })]);
    time.now += 3_600_000;
    assert.equal(await coordinator.scan(), 0);
  });

  it("fails a saga that has waited too long", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    await hear(coordinator, [incoming("BWaiting", { sagaId })]);
    time.now += 9_999;
    await coordinator.scan();
    assert.equal((await rowOf(sagaId)).decision, null);
    time.now += 5_000;
    await coordinator.scan();
    assert.equal((await rowOf(sagaId)).decision, "FAILED");
  });

  it("shares due sagas with other scanners: each is said once", async () => {
    const [one, other] = [coordinatorOf(), coordinatorOf()];
    await begin(one, 50);
    time.now += 200;
    tables.said();
    await Promise.all([one.scan(), other.scan()]);
    assert.equal(tables.said().length, 50);
  });

  it("runs until it is disposed of", async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    time.now += 1_000;
    await using _scanning = coordinator.startScanner();
    await waitFor(async () => (await rowOf(sagaId)).decision !== null, { withinMs: 5_000 });
  });
});

const patient = { ...alphabetLimits.undecided, withinMs: 3_600_000 };
