import { AppError } from "@ordersaga/kernel";

import { existing, orderIdOf } from "./ids.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { standingOrderMessage } from "./read-orders.ts";
import { alreadyDecided } from "./refusal-error.ts";
import { oneSessionOf } from "./session.ts";

/** CancelOrder and ResetOrders. */
export function changeOrdersHandlers({
  reads,
  cancelOrder,
  resetOrders,
}: OrderResources): Pick<OrderHandlers, "cancelOrder" | "resetOrders"> {
  return {
    cancelOrder: async ({ orderId }, context) => {
      const one = { id: orderIdOf(orderId), sessionId: oneSessionOf(context) };
      const result = await cancelOrder(one);
      if (result.kind === "otherwise") {
        throw alreadyDecided(result.decision);
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
  };
}
