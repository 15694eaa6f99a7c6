import { describe, it } from "node:test";

import {
  InventoryCommittedSchema,
  InventoryInsufficientSchema,
  InventoryReleasedSchema,
  InventoryReservedSchema,
} from "@ordersaga/gen/inventory/event/v1/inventory_events";
import {
  PaymentDeclinedSchema,
  PaymentPendingSchema,
  PaymentRefundedSchema,
  PaymentSucceededSchema,
} from "@ordersaga/gen/payment/event/v1/payment_events";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { asked, given, heard, passed, saidAgain } from "@ordersaga/saga/testing";

import { placeOrder } from "./place-order.saga.ts";

const order = {
  orderId: "019b76da-0c00-7abc-8def-0123456789ab",
  userId: "ada",
  lines: [
    {
      productId: "laptop",
      quantity: 2,
      unitPrice: { currencyCode: "EUR", minorUnits: 99_900n },
    },
  ],
  total: { currencyCode: "EUR", minorUnits: 199_800n },
  paymentToken: "tok_ok",
};

const reserved = heard(InventoryReservedSchema);
const insufficient = heard(InventoryInsufficientSchema, {
  shortages: [{ productId: "laptop", requested: 2, available: 1 }],
});
const released = heard(InventoryReleasedSchema, { cause: { code: "CANCELLED_BY_USER" } });
const committed = heard(InventoryCommittedSchema);
const pending = heard(PaymentPendingSchema);
const succeeded = heard(PaymentSucceededSchema, { paymentId: "pay_1" });
const declined = heard(PaymentDeclinedSchema, { declineCode: "insufficient_funds" });
const refunded = heard(PaymentRefundedSchema, { cause: { code: "CANCELLED_BY_USER" } });
const cancelled = asked("CANCELLED", { code: "CANCELLED_BY_USER", message: "" });

describe("an order, choreographed", () => {
  const placed = given(placeOrder, order);

  it("is announced once, and goes from reserved and paid to confirmed and committed", () => {
    placed
      .expect({ says: ["order-created"], progress: "PENDING", status: "STARTED" })
      .expect({ records: ["reserve-inventory STARTED"], waitsFor: "reserve-inventory" })
      .when(reserved)
      .expect({ says: [], progress: "INVENTORY_RESERVED", status: "IN_PROGRESS" })
      .expect({ records: ["reserve-inventory SUCCEEDED"], waitsFor: "process-payment" })
      .when(succeeded)
      .expect({ says: ["order-confirmed"], progress: "CONFIRMED", status: "IN_PROGRESS" })
      .expect({ records: ["process-payment SUCCEEDED", "confirm-order SUCCEEDED"] })
      .expect({ decided: "CONFIRMED", because: "", waitsFor: "commit-inventory" })
      .when(committed)
      .expect({ says: [], progress: "CONFIRMED", status: "COMPLETED", waitsFor: "" })
      .when(saidAgain)
      .expect({ says: [] });
  });

  it("fails at once when the stock is short: nothing was ever done", () => {
    placed
      .when(insufficient)
      .expect({ says: ["order-aborted"], progress: "FAILED", status: "FAILED" })
      .expect({ decided: "FAILED", because: "OUT_OF_STOCK", waitsFor: "" })
      .expect({ records: ["reserve-inventory REFUSED", "confirm-order ABORTED"] });
  });

  it("fails when the payment is declined, and ends when the stock is back", () => {
    placed
      .when(reserved)
      .when(declined)
      .expect({ says: ["order-aborted"], progress: "FAILED", status: "COMPENSATING" })
      .expect({ because: "PAYMENT_DECLINED", waitsFor: "reserve-inventory" })
      .when(released)
      .expect({ says: [], status: "COMPENSATED", progress: "FAILED", because: "PAYMENT_DECLINED" });
  });

  it("is cancelled, and ends when every step has acknowledged, in any order", () => {
    const undoing = placed
      .when(reserved)
      .when(cancelled)
      .expect({ says: ["order-aborted"], progress: "CANCELLED", status: "COMPENSATING" });
    for (const [first, second] of [
      [released, refunded],
      [refunded, released],
    ] as const) {
      undoing.when(first).expect({ says: [], status: "COMPENSATING" });
      undoing.when(first).when(second).expect({ says: [], status: "COMPENSATED" });
    }
  });

  it("is cancelled when it is stuck before its payment", () => {
    placed.when(passed(29_999)).expect({ says: [], decided: undefined });
    placed
      .when(passed(30_000))
      .expect({ says: ["order-aborted"], progress: "CANCELLED", because: "TIME_LIMIT" });
  });

  it("waits a quarter of an hour for a payment that is pending, and then fails", () => {
    const waiting = placed
      .when(reserved)
      .when(pending)
      .expect({ says: [], progress: "PAYMENT_PENDING", waitsFor: "process-payment" })
      .when(pending)
      .expect({ records: [] })
      .when(passed(14 * 60_000))
      .expect({ decided: undefined });
    waiting.when(succeeded).expect({ says: ["order-confirmed"], progress: "CONFIRMED" });
    waiting
      .when(passed(60_000))
      .expect({ says: ["order-aborted"], progress: "FAILED", because: "PAYMENT_TIME_LIMIT" });
  });

  it("is said again as what it waits for", () => {
    placed.when(saidAgain).expect({ says: ["order-created"] });
    placed
      .when(reserved)
      .when(saidAgain)
      .expect({ says: ["order-created"] });
    placed
      .when(succeeded)
      .when(saidAgain)
      .expect({ says: ["order-confirmed"] });
    placed
      .when(cancelled)
      .when(saidAgain)
      .expect({ says: ["order-aborted"] });
  });
});

describe("an order, orchestrated", () => {
  const placed = given(placeOrder, order, Coordination.ORCHESTRATION);

  it("asks each step when the one before it has succeeded", () => {
    placed
      .expect({ says: ["order-created", "reserve-inventory"] })
      .when(reserved)
      .expect({ says: ["process-payment"], progress: "INVENTORY_RESERVED" })
      .expect({ records: ["reserve-inventory SUCCEEDED", "process-payment STARTED"] })
      .when(succeeded)
      .expect({ says: ["order-confirmed", "commit-inventory"], progress: "CONFIRMED" })
      .when(committed)
      .expect({ says: [], status: "COMPLETED" });
  });

  it("undoes both steps together when it is cancelled", () => {
    placed
      .when(cancelled)
      .expect({ says: ["order-aborted", "refund-payment", "release-inventory"] })
      .when(refunded)
      .expect({ says: [] })
      .when(saidAgain)
      .expect({ says: ["release-inventory"] });
  });

  it("undoes only what a refusal has not closed", () => {
    placed
      .when(reserved)
      .when(declined)
      .expect({ says: ["order-aborted", "release-inventory"], because: "PAYMENT_DECLINED" });
    placed.when(insufficient).expect({ says: ["order-aborted"], status: "FAILED" });
  });
});
