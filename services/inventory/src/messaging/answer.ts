import type { EventContext } from "@ordersaga/outbox";
import type { placeOrder } from "@ordersaga/place-order";
import type { AnswerOf } from "@ordersaga/saga";

import type { Reservation, Shortage } from "../domain/reservation.ts";

/**
 * The answer to any request: the state that the reservation is in, whatever was asked. A repeated
 * request therefore gets the recorded outcome, with the recorded shortages or cause.
 */
export function answerOf(
  context: EventContext,
  reservation: Reservation,
): AnswerOf<typeof placeOrder, "inventory"> {
  switch (reservation.status) {
    case "PENDING":
      return { step: "reserve-inventory", context, outcome: { case: "reserved", value: {} } };
    case "CONFIRMED":
      return { step: "commit-inventory", context, outcome: { case: "committed", value: {} } };
    case "RELEASED": {
      const { cause } = reservation;
      return {
        step: "reserve-inventory",
        context,
        outcome: { case: "released", value: { cause } },
      };
    }
    default: {
      const shortages = reservation.shortages.map(shortageMessage);
      const outcome = { case: "insufficient", value: { shortages } } as const;
      return { step: "reserve-inventory", context, outcome };
    }
  }
}

/** Several lines of one product may ask for more than the message can say. */
function shortageMessage({ productId, requested, available }: Shortage) {
  return { productId, requested: Math.min(requested, maxUint32), available };
}

const maxUint32 = 0xffff_ffff;
