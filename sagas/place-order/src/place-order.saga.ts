import { InventoryCommandService } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import {
  OrderAbortedSchema,
  OrderConfirmedSchema,
  OrderCreatedSchema,
} from "@ordersaga/gen/order/event/v1/order_events";
import { PlaceOrderStateSchema } from "@ordersaga/gen/order/event/v1/place_order_state";
import { PaymentCommandService } from "@ordersaga/gen/payment/command/v1/payment_commands";
import { defineSaga } from "@ordersaga/saga";

import { placeOrderLimits } from "./place-order.limits.ts";

const inventory = InventoryCommandService.method;
const payment = PaymentCommandService.method;

/** Turns a pending order into a paid one, or gives back everything that was taken for it. */
export const placeOrder = defineSaga("place-order", {
  version: 1,
  state: PlaceOrderStateSchema,
  limits: placeOrderLimits,
  progress: [
    "PENDING",
    "INVENTORY_RESERVED",
    "PAYMENT_PENDING",
    "CONFIRMED",
    "FAILED",
    "CANCELLED",
  ],
  announces: {
    begun: {
      event: OrderCreatedSchema,
      as: "PENDING",
      payload: ({ orderId, userId, lines, total, paymentToken }) => ({
        orderId,
        userId,
        lines,
        total,
        paymentToken,
      }),
      state: ({ orderId, userId, lines, total, paymentToken }) => ({
        orderId,
        userId,
        lines,
        total,
        paymentToken,
      }),
    },
    confirmed: {
      event: OrderConfirmedSchema,
      as: "CONFIRMED",
      payload: ({ id }) => ({ orderId: id }),
    },
    aborted: {
      event: OrderAbortedSchema,
      as: { FAILED: "FAILED", CANCELLED: "CANCELLED" },
      payload: ({ id, cause }) => ({ orderId: id, cause }),
      cause: ({ cause }) => cause,
    },
  },
})
  .compensatable("reserve-inventory", {
    owner: "inventory",
    command: inventory.reserveInventory,
    request: ({ orderId, lines }) => ({
      orderId,
      lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
    }),
    outcomes: {
      reserved: { advance: () => ({}), as: "INVENTORY_RESERVED" },
      insufficient: {
        abort: ({ shortages }) => ({
          code: "OUT_OF_STOCK",
          message: `Out of stock: ${shortages.map(({ productId }) => productId).join(", ")}.`,
        }),
      },
    },
    undo: { command: inventory.releaseInventory, request: ({ cause }) => ({ cause }) },
  })
  .compensatable("process-payment", {
    owner: "payment",
    command: payment.processPayment,
    request: ({ orderId, userId, total, paymentToken }) => ({
      orderId,
      userId,
      amount: total,
      paymentToken,
    }),
    outcomes: {
      succeeded: { advance: ({ paymentId }) => ({ paymentId }) },
      declined: {
        abort: ({ declineCode }) => ({
          code: "PAYMENT_DECLINED",
          message: `The payment was declined: ${declineCode}.`,
        }),
      },
      pending: { wait: "payment", as: "PAYMENT_PENDING" },
    },
    undo: { command: payment.refundPayment, request: ({ cause }) => ({ cause }) },
  })
  .pivot("confirm-order", { owner: "order" })
  .retriable("commit-inventory", {
    owner: "inventory",
    command: inventory.commitInventory,
    request: () => ({}),
    outcomes: { committed: { advance: () => ({}) } },
  })
  .end();
