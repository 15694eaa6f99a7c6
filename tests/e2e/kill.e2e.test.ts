import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { seedLoadCatalogue } from "../../scripts/load/catalogue.ts";
import { placeOrders } from "../../scripts/load/place-orders.ts";
import { waitForEnd } from "../../scripts/load/read-sagas.ts";
import { checkSession } from "../../scripts/load/witness.ts";
import { startTestSystem, type TestSystem } from "./system.ts";

describe("a service that is killed under load", () => {
  let system: TestSystem;
  before(async () => {
    system = await startTestSystem({ RECOVERY_FIRST_MS: "2000" });
  });
  after(async () => await system[Symbol.asyncDispose]());

  for (const name of ["order", "inventory", "payment", "payment-provider"]) {
    it(`loses nothing when ${name} dies by SIGKILL`, async () => {
      const { clients } = system;
      const catalogue = await seedLoadCatalogue(clients, {
        sessionId: `kill-${name}`,
        products: 5,
        stockOfEach: 1000,
      });
      const killed = sleep(150).then(() => system.services.process(name).signal("SIGKILL"));
      const placed = await placeOrders(clients, {
        shape: {
          orders: 600,
          concurrency: 32,
          ratePerSecond: 1000,
          linesPerOrder: 2,
          declinedPercent: 10,
          coordination: Coordination.UNSPECIFIED,
        },
        catalogue,
        onProgress: () => undefined,
      });
      assert.equal(await killed, true);
      assert.deepEqual([...placed.refused], []);
      await waitForEnd(clients, {
        sessionId: catalogue.sessionId,
        withinMs: 30_000,
        onWaiting: () => undefined,
      });
      const findings = await checkSession(clients, catalogue);
      assert.deepEqual(
        findings.filter(({ isTrue }) => !isTrue),
        [],
      );
    });
  }
});
