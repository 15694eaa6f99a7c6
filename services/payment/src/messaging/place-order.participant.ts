import type { ProcessPaymentRequest } from "@ordersaga/gen/payment/command/v1/payment_commands";
import { PermanentError } from "@ordersaga/kernel";
import { placeOrder } from "@ordersaga/place-order";
import { causeOf, participate } from "@ordersaga/saga";
import type { Reaction } from "@ordersaga/outbox";

import type { Charge } from "../domain/payment.ts";
import type { Hear, Tell } from "../use-cases/hear.ts";
import { answerMessage } from "./answer.ts";

/** Payment's part in an order. */
export type PlaceOrderParticipant = {
  readonly reactions: readonly Reaction[];
  readonly tell: Tell;
};

/**
 * Derives from the saga's definition what payment does about each request, however it is spelt: it
 * charges when asked, and takes back when the order is undone, in whatever order the two arrive.
 */
export function createPlaceOrderParticipant(hear: Hear): PlaceOrderParticipant {
  const { reactions, answer } = participate(placeOrder, "payment", {
    "process-payment": {
      do: (uow, requests) =>
        hear(
          uow,
          requests.map(({ request, context }) => ({
            sagaId: context.sagaId,
            sessionId: context.sessionId,
            heard: { kind: "do", charge: chargeOf(request) },
            context,
          })),
        ),
      undo: (uow, requests) =>
        hear(
          uow,
          requests.map(({ request, context }) => ({
            sagaId: context.sagaId,
            sessionId: context.sessionId,
            heard: { kind: "undo", cause: causeOf(request.cause) },
            context,
          })),
        ),
    },
  });
  return {
    reactions,
    tell: (uow, context, said) => answer(uow, answerMessage(context, said)),
  };
}

function chargeOf({ amount, paymentToken, userId }: ProcessPaymentRequest): Charge {
  if (amount === undefined) {
    throw new PermanentError({
      code: "UNDECODABLE",
      message: "a payment is asked for without an amount",
    });
  }
  const { currencyCode, minorUnits } = amount;
  return { amount: { currencyCode, minorUnits }, token: paymentToken, userId };
}
