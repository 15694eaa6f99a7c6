import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, systemClock, systemRng, uuidv7 } from "@ordersaga/kernel";
import type { MessageBus } from "@ordersaga/messaging";
import { waitFor } from "@ordersaga/testkit";

import { createCoordinator } from "./coordinator/create-coordinator.ts";
import { alphabet, alphabetLimits } from "./testing/alphabet.ts";
import { openTables, type Tables } from "./testing/coordinated.ts";
import { type LetterService, letterService } from "./testing/letter-service.ts";

const letters = ["A", "B", "C", "Y", "Z"] as const;
const count = 60;

let tables: Tables;
before(async () => {
  tables = await openTables();
});
after(() => tables[Symbol.asyncDispose]());

for (const [mode, coordination] of [
  ["choreographed", Coordination.CHOREOGRAPHY],
  ["orchestrated", Coordination.ORCHESTRATION],
] as const) {
  describe(`sagas over real outboxes, ${mode}`, () => {
    it("all end as they were decided, nothing lost", async () => {
      await runSagas({ coordination, lossRate: 0 });
    });

    it("all end as they were decided, although half of the messages are lost or doubled", async () => {
      await runSagas({ coordination, lossRate: 0.3 });
    });
  });
}

/** Begins sagas of which some are refused and some cancelled, waits for their end and checks the effects. */
async function runSagas(world: {
  readonly coordination: Coordination;
  readonly lossRate: number;
}): Promise<void> {
  await tables.database.query({ name: "test.forget-sagas", text: "DELETE FROM saga" }, []);
  await using stack = new AsyncDisposableStack();
  const outbox = tables.system((real) => lossy(real, world.lossRate));
  const ids = Array.from({ length: count }, () => hexOfUuid(uuidv7()) ?? "");
  const services = letters.map((letter, index) =>
    letterService(letter, (id) => index < 3 && ids.indexOf(id) % 10 === index),
  );
  const { unitsOfWork, ...running } = stack.use(outbox("alphabet"));
  const coordinator = createCoordinator({
    definitions: [alphabet],
    unitsOfWork,
    clock: systemClock,
    rng: systemRng,
    limits: {
      ...alphabetLimits,
      undecided: { ...alphabetLimits.undecided, withinMs: 20_000 },
      recovery: { attempts: 1, firstMs: 150, factor: 2, maxMs: 300, jitter: 0.2 },
    },
    log: { warn: () => undefined, error: () => undefined },
    scanEveryMs: 20,
  });
  for (const [index, { participant }] of services.entries()) {
    await stack
      .use(outbox(`letter-${letters[index] ?? ""}`.toLowerCase()))
      .start(participant.reactions);
  }
  await running.start(coordinator.reactions);
  stack.use(coordinator.startScanner());
  await unitsOfWork.run((uow) =>
    coordinator.begin(
      uow,
      ids.map((sagaId) => begin(sagaId)),
    ),
  );
  const cancelled = ids.filter((_, index) => index % 10 === 5);
  const cause = { code: "CHANGED_MIND", message: "" };
  await unitsOfWork.run((uow) =>
    coordinator.abort(
      uow,
      cancelled.map((id) => ({ ...key(id), as: "CANCELLED" as const, cause })),
    ),
  );
  await waitFor(async () => (await unfinished()) === 0, { withinMs: 20_000 });
  await checkEffects(services);

  function begin(sagaId: string) {
    return {
      ...key(sagaId),
      coordination: world.coordination,
      traceparent: "",
      data: { text: "x" },
    };
  }
}

function key(sagaId: string) {
  return { sagaId, sessionId: "test" };
}

async function unfinished(): Promise<number> {
  const text = "SELECT count(*)::int AS count FROM saga WHERE ended_at IS NULL";
  const [row] = await tables.database.query<{ count: number }>({ name: text, text }, []);
  return row?.count ?? -1;
}

/** Confirmed: every letter did its part. Aborted: none holds anything. */
async function checkEffects(services: readonly LetterService[]) {
  const text = "SELECT saga_id, status, decision FROM saga ORDER BY saga_id";
  type Row = { readonly saga_id: string; readonly status: string; readonly decision: string };
  const rows = await tables.database.query<Row>({ name: text, text }, []);
  const decisions = Map.groupBy(rows, ({ decision }) => decision);
  assert.equal(rows.length, count);
  assert.ok((decisions.get("CONFIRMED")?.length ?? 0) > 0);
  assert.ok((decisions.get("FAILED")?.length ?? 0) > 0);
  assert.ok((decisions.get("CANCELLED")?.length ?? 0) > 0);
  for (const { saga_id, status, decision } of rows) {
    const states = services.map((service) => service.states.get(hexOfUuid(saga_id) ?? ""));
    if (decision === "CONFIRMED") {
      assert.equal(status, "COMPLETED");
      assert.deepEqual(states, ["done", "done", "done", "finished", "finished"]);
    } else {
      assert.ok(status === "COMPENSATED" || status === "FAILED", status);
      const isHeld = states.includes("done") || states.includes("finished");
      assert.ok(!isHeld, `${decision}, but ${states.join()}`);
    }
  }
}

/** Loses some messages although it says that it has them, and delivers others twice. */
function lossy(real: MessageBus, rate: number): MessageBus {
  return {
    ...real,
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    ensureStream: (stream) => real.ensureStream(stream),
    subscribe: (consumer, onDelivery) =>
      real.subscribe(consumer, (delivery) => {
        onDelivery(delivery);
        if (systemRng() < rate) {
          onDelivery({ ...delivery, ack: () => undefined, nak: () => undefined });
        }
      }),
    streamIdentity: (stream) => real.streamIdentity(stream),
    isConnected: () => real.isConnected(),
    publish: (message) =>
      systemRng() < rate
        ? Promise.resolve({ stream: "LOST", sequence: 0, duplicate: false })
        : real.publish(message),
  };
}
