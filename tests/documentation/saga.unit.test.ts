import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { placeOrder } from "@ordersaga/place-order";
import { sagaDiagram } from "@ordersaga/saga";

it("docs/saga.md shows the saga in both modes as it is defined", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/saga.md"), "utf8");
  const shown = [...page.matchAll(/```mermaid\n(.*?)```/gs)].map(([, diagram]) => diagram);
  const { CHOREOGRAPHY, ORCHESTRATION } = Coordination;
  assert.deepEqual(
    shown,
    [CHOREOGRAPHY, ORCHESTRATION].map((mode) => sagaDiagram(placeOrder, mode)),
  );
});
