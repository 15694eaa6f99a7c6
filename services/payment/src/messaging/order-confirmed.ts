import { OrderConfirmedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { type Clock, PermanentError } from "@ordersaga/kernel";
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
    handle: async (uow, events) => {
      for (const { id, context } of events) {
        if (context.sagaId === "") {
          const message = `the event ${id} belongs to no saga`;
          throw new PermanentError({ code: "UNDECODABLE", message });
        }
      }
      const keys = events.map(({ context }) => context);
      await confirmPayments(uow, keys, clock.now());
    },
  });
}
