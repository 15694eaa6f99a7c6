import assert from "node:assert/strict";
import { it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { sagaDiagram } from "@ordersaga/saga";

import { placeOrder } from "./place-order.saga.ts";

it("is drawn as events, choreographed", () => {
  assert.equal(
    sagaDiagram(placeOrder, Coordination.CHOREOGRAPHY),
    `sequenceDiagram
  participant order
  participant inventory
  participant payment
  order->>inventory: order-created
  inventory->>order: inventory-reserved
  inventory->>payment: inventory-reserved
  payment-->>order: payment-pending (not final)
  payment->>order: payment-succeeded
  Note over order: confirm-order
  order->>inventory: order-confirmed
  inventory->>order: inventory-committed
  opt reserve-inventory refuses
    inventory->>order: inventory-insufficient
  end
  opt process-payment refuses
    payment->>order: payment-declined
    order->>inventory: order-aborted
    inventory->>order: inventory-released
  end
  opt cancelled, or out of time
    order->>payment: order-aborted
    payment->>order: payment-refunded
    order->>inventory: order-aborted
    inventory->>order: inventory-released
  end
`,
  );
});

it("is drawn as commands and outcomes, orchestrated", () => {
  const diagram = sagaDiagram(placeOrder, Coordination.ORCHESTRATION);
  for (const line of [
    "order->>inventory: reserve-inventory",
    "order->>payment: process-payment",
    "order->>inventory: commit-inventory",
    "order->>payment: refund-payment",
    "order->>inventory: release-inventory",
  ]) {
    assert.ok(diagram.includes(`  ${line}\n`), line);
  }
  assert.ok(!diagram.includes("order-created"));
});
