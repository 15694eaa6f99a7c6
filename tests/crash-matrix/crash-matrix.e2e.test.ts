import assert from "node:assert/strict";
import { test } from "node:test";

import { cellsOf, nameOf } from "../../scripts/crash-matrix/cells.ts";
import { runMatrix } from "../../scripts/crash-matrix/run-matrix.ts";
import { violationsOf } from "../../scripts/witness/finding.ts";

/** A few of the cells of `npm run crash-matrix`, one for each kind of boundary. */
const selection = {
  choreography: [
    "inventory consumer.after-commit:inventory-order-created",
    "payment payment.after-call:charge",
    "payment-provider provider.after-commit:charge",
  ],
  orchestration: [
    "order uow.after-commit:payment.command.v1.process-payment",
    "order order.after-cancel",
    "payment relay.after-publish:payment.event.v1.payment-succeeded",
  ],
} as const;

test("every saga ends right when a service dies exactly there", { timeout: 180_000 }, async () => {
  const cells = (["choreography", "orchestration"] as const).flatMap((mode) =>
    cellsOf(mode).filter((cell) => selection[mode].some((name) => name === nameOf(cell))),
  );
  assert.equal(cells.length, 6);
  const { cells: results, findings } = await runMatrix(cells, () => undefined);
  for (const { cell, isReached, wrong } of results) {
    assert.deepEqual(wrong, [], nameOf(cell));
    assert.ok(isReached, `${nameOf(cell)} was not reached`);
  }
  assert.deepEqual(violationsOf(findings), []);
});
