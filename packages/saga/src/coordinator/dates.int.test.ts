import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Statement } from "@ordersaga/outbox";
import { waitFor } from "@ordersaga/testkit";

import { openCoordinatorBench } from "../testing/coordinator-bench.ts";
import { incoming } from "../testing/incoming.ts";

const { tables, time, coordinatorOf, begin, hear, abort } = await openCoordinatorBench();
after(() => tables[Symbol.asyncDispose]());

const waitMs = 500;

const deeds = {
  "an outcome": (coordinator, sagaId) => hear(coordinator, [incoming("ADone", { sagaId })]),
  "an abort": (coordinator, sagaId) => abort(coordinator, sagaId),
} as const satisfies Record<
  string,
  (coordinator: ReturnType<typeof coordinatorOf>, sagaId: string) => Promise<unknown>
>;

for (const [name, deed] of Object.entries(deeds)) {
  test(`${name} is dated when it has the saga, not when it began to wait for it`, async () => {
    const coordinator = coordinatorOf();
    const [sagaId = ""] = await begin(coordinator, 1);
    const done = { promise: Promise.resolve<unknown>(undefined) };
    await tables.unitsOfWork.run(async (uow) => {
      await uow.query(lockSaga, [sagaId]);
      done.promise = deed(coordinator, sagaId);
      await waitFor(async () => (await tables.database.query(waiting, [])).length > 0, {
        withinMs: 5000,
      });
      time.now += waitMs;
    });
    await done.promise;
    const [row] = await tables.database.query(selectUpdated, [sagaId]);
    assert.equal(row?.updated_at.getTime(), time.now);
  });
}

const lockSaga: Statement<unknown> = {
  name: "test-lock-saga",
  text: "SELECT 1 FROM saga WHERE saga_id = $1::uuid FOR UPDATE",
};
const waiting: Statement<unknown> = {
  name: "test-waiting",
  text: "SELECT 1 FROM pg_locks WHERE NOT granted",
};
const selectUpdated: Statement<{ readonly updated_at: Date }> = {
  name: "test-updated",
  text: "SELECT updated_at FROM saga WHERE saga_id = $1::uuid",
};
