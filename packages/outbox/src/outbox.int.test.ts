import assert from "node:assert/strict";
import { test } from "node:test";

import { waitFor } from "@ordersaga/testkit";

import { createWorld, effectsOf, emitCauses, recordEffects } from "./testing/world.ts";

test("an event goes from a unit of work to a handler, once", async () => {
  await using world = await createWorld("outbox_flow");
  const outbox = await world.outbox();
  await outbox.start([recordEffects()]);

  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, "a", "b"));

  await waitFor(async () => (await effectsOf(world.tables))["b"], { withinMs: 5000 });
  assert.deepEqual(await effectsOf(world.tables), { a: 1, b: 1 });
  const rows = await waitFor(
    async () => {
      const found = await world.tables.query<{ published: boolean; stream: string; type: string }>(
        "select published_at is not null as published, stream, type from outbox",
      );
      return found.every(({ published }) => published) ? found : undefined;
    },
    { withinMs: 2000 },
  );
  assert.deepEqual(rows, [{ published: true, stream: "SAGA", type: "saga.v1.Cause" }]);
});
