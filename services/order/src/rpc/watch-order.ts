import { watchOrder } from "../use-cases/watch-order/watch-order.ts";
import { existing, orderIdOf } from "./ids.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { standingOrderMessage } from "./read-orders.ts";
import { sagaStatusOf, stepMessage } from "./saga-message.ts";
import { readableSessionOf } from "./session.ts";

/** WatchOrder. */
export function watchOrderHandler({
  reads,
  watchHub: hub,
}: OrderResources): OrderHandlers["watchOrder"] {
  return async function* watch({ orderId }, context) {
    const id = orderIdOf(orderId);
    const { signal } = context;
    let isKnown = false;
    for await (const change of watchOrder(
      { reads, hub },
      { id, sessionId: readableSessionOf(context), signal },
    )) {
      isKnown = true;
      yield {
        order: standingOrderMessage(change),
        sagaStatus: sagaStatusOf(change.saga),
        steps: change.newSteps.map(stepMessage),
      };
    }
    existing(isKnown || undefined, "order", orderId);
  };
}
