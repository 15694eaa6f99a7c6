import assert from "node:assert/strict";
import { test } from "node:test";

import { ReserveInventoryRequestSchema } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";

import {
  deadLetterSubjectOf,
  durableOf,
  streamOf,
  subjectOf,
  subjectsOfStream,
} from "./subject.ts";

test("an event's subject is its package and its name in kebab case", () => {
  assert.equal(subjectOf(OrderCreatedSchema), "order.event.v1.order-created");
  assert.equal(subjectOf(OrderCreatedSchema), "order.event.v1.order-created");
});

test("a command's subject has no Request at its end", () => {
  assert.equal(subjectOf(ReserveInventoryRequestSchema), "inventory.command.v1.reserve-inventory");
});

test("streams, durables and dead letters are named for the subject", () => {
  const subject = "order.event.v1.order-created";
  assert.equal(streamOf(subject), "ORDER");
  assert.equal(subjectsOfStream("ORDER"), "order.>");
  assert.equal(durableOf("inventory", subject), "inventory-order-created");
  assert.equal(
    deadLetterSubjectOf("inventory", subject),
    "dlq.inventory.order.event.v1.order-created",
  );
  assert.equal(streamOf(deadLetterSubjectOf("inventory", subject)), "DLQ");
});
