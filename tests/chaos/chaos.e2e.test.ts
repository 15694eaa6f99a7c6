import assert from "node:assert/strict";
import { test } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { runChaos } from "../../scripts/chaos/run-chaos.ts";
import { violationsOf } from "../../scripts/witness/finding.ts";

const seed = 1;

test(
  "300 orders survive 60 faults, in both coordinations",
  { timeout: 300_000 },
  async (context) => {
    const report = await runChaos({
      sagas: 300,
      faults: 60,
      seed,
      coordination: Coordination.UNSPECIFIED,
      onFault: () => undefined,
    });
    const { accepted, lost, unknown } = report.clients;
    context.diagnostic(`seed ${seed}: ${accepted} accepted, ${lost} lost, ${unknown} unknown`);
    assert.deepEqual(violationsOf(report.findings), []);
  },
);
