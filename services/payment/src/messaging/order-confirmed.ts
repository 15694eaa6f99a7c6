import { OrderConfirmedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import type { Clock } from "@ordersaga/kernel";
import { reactTo, type Reaction } from "@ordersaga/outbox";

import { confirmPayments } from "../persistence/confirm-statement.ts";

/**
 * Payment remembers that an order was confirmed: until then its money may have to go back by the saga's
 * own way, and no operator may refund it behind the saga's back.
 */
export function createOrderConfirmedReaction(clock: Clock): Reaction {
  return reactTo({
    type: OrderConfirmedSchema,
    isUnlimited: true,
    handle: (uow, events) =>
      confirmPayments(
        uow,
        events.map(({ context }) => context),
        clock.now(),
      ),
  });
}
