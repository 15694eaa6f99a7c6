import { AppError } from "@ordersaga/kernel";

import { existing, orderIdOf } from "./ids.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { standingOrderMessage } from "./read-orders.ts";
import { oneSessionOf, requireOperator } from "./session.ts";

/** CancelOrder and ResetOrders, and what is left to the operator's repair tools. */
export function changeOrdersHandlers({
  reads,
  cancelOrder,
  resetOrders,
}: OrderResources): Pick<
  OrderHandlers,
  "cancelOrder" | "resetOrders" | "retrySaga" | "updateOrderStatus"
> {
  return {
    cancelOrder: async ({ orderId }, context) => {
      const one = { id: orderIdOf(orderId), sessionId: oneSessionOf(context) };
      const result = await cancelOrder(one);
      if (result.kind === "otherwise") {
        throw new AppError({
          code: "FAILED_PRECONDITION",
          message: `the order is ${result.decision} and cannot be cancelled any more`,
          reason: "ALREADY_DECIDED",
          metadata: { status: result.decision },
        });
      }
      const found = result.kind === "cancelled" ? await reads.findOrder(one) : undefined;
      return { order: standingOrderMessage(existing(found, "order", orderId)) };
    },

    resetOrders: async (_request, context) => {
      const sessionId = oneSessionOf(context);
      if (resetOrders === undefined) {
        throw new AppError({
          code: "FAILED_PRECONDITION",
          message: "this deployment does not allow orders to be removed",
          reason: "RESET_DISABLED",
        });
      }
      return await resetOrders({ sessionId, signal: context.signal });
    },

    retrySaga: async (_request, context) => {
      requireOperator(context);
      throw notYet("RetrySaga");
    },

    updateOrderStatus: async (_request, context) => {
      requireOperator(context);
      throw notYet("UpdateOrderStatus");
    },
  };
}

function notYet(rpc: string): AppError {
  return new AppError({
    code: "UNIMPLEMENTED",
    message: `${rpc} comes with the operator's repair tools`,
  });
}
