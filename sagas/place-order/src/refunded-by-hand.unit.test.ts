import { it } from "node:test";

import {
  InventoryCommittedSchema,
  InventoryReservedSchema,
} from "@ordersaga/gen/inventory/event/v1/inventory_events";
import {
  PaymentRefundedSchema,
  PaymentSucceededSchema,
} from "@ordersaga/gen/payment/event/v1/payment_events";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { given, heard, saidAgain } from "@ordersaga/saga/testing";

import { placeOrder } from "./place-order.saga.ts";

const order = { orderId: "019b76da-0c00-7abc-8def-0123456789ab", userId: "ada" };
const reserved = heard(InventoryReservedSchema);
const succeeded = heard(PaymentSucceededSchema, { paymentId: "pay_1" });
const committed = heard(InventoryCommittedSchema);
const refunded = heard(PaymentRefundedSchema, { cause: { code: "ADMINISTRATOR" } });

for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
  const confirmed = given(placeOrder, order, Coordination[mode]).when(reserved).when(succeeded);
  const finish = mode === "CHOREOGRAPHY" ? ["order-confirmed"] : ["commit-inventory"];

  it(`money given back by hand leaves an ended saga as it is: ${mode}`, () => {
    confirmed
      .when(committed)
      .when(refunded)
      .expect({ says: [], records: [], progress: "CONFIRMED", status: "COMPLETED" });
  });

  it(`money given back by hand before the stock is committed undoes nothing: ${mode}`, () => {
    confirmed
      .when(refunded)
      .expect({ says: [], records: ["process-payment UNDONE"], progress: "CONFIRMED" })
      .expect({ decided: "CONFIRMED", status: "IN_PROGRESS", waitsFor: "commit-inventory" })
      .when(saidAgain)
      .expect({ says: finish })
      .when(committed)
      .expect({ says: [], progress: "CONFIRMED", status: "COMPLETED" });
  });
}
