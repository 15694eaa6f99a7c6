import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { AppError, invalidArgument } from "@ordersaga/kernel";
import type { CallContext } from "@ordersaga/rpc";

import { existing, orderIdOf } from "./ids.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { standingOrderMessage } from "./read-orders.ts";
import { alreadyDecided } from "./refusal-error.ts";
import { sagaMessage } from "./saga-message.ts";
import { readableSessionOf, requireOperator } from "./session.ts";

/** RetrySaga and UpdateOrderStatus: what operators do by hand, in any session. */
export function repairOrdersHandlers({
  reads,
  retrySaga,
  overrideOrder,
}: OrderResources): Pick<OrderHandlers, "retrySaga" | "updateOrderStatus"> {
  return {
    retrySaga: async ({ sagaId }, context) => {
      requireOperator(context);
      const one = await find(sagaId, "saga", context);
      const result = await retrySaga(one);
      const saga = existing(
        result === "NOT_FOUND" ? undefined : await reads.findSaga(one),
        "saga",
        sagaId,
      );
      if (result === "ENDED") {
        throw new AppError({
          code: "FAILED_PRECONDITION",
          message: `the saga has ended as ${saga.status} and waits for nothing`,
          reason: "SAGA_ENDED",
          metadata: { status: saga.status },
        });
      }
      return { saga: sagaMessage(saga) };
    },

    updateOrderStatus: async ({ orderId, status, reason: given }, context) => {
      requireOperator(context);
      const as = status === OrderStatus.FAILED ? "FAILED" : "CANCELLED";
      const reason = given.trim();
      if (reason === "" || reason.includes("\0")) {
        throw invalidArgument({ field: "reason", description: "must be a sentence" });
      }
      const one = await find(orderId, "order", context);
      const { result, decision } = await overrideOrder({ ...one, as, reason });
      if (decision !== undefined && result !== "DECIDED") {
        throw alreadyDecided(decision);
      }
      const order = result === "DECIDED" ? await reads.findOrder(one) : undefined;
      return { order: standingOrderMessage(existing(order, "order", orderId)) };
    },
  };

  /** Whose it is: an operator may look across sessions, a change is always of one. */
  async function find(given: string, what: "order" | "saga", context: CallContext) {
    const id = orderIdOf(given, `${what}_id`);
    const saga = await reads.findSaga({ id, sessionId: readableSessionOf(context) });
    const { sessionId } = existing(saga, what, given);
    return { id, sessionId };
  }
}
