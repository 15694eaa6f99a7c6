import type { EventContext } from "@ordersaga/outbox";
import type { placeOrder } from "@ordersaga/place-order";
import type { AnswerOf } from "@ordersaga/saga";

import type { PaymentAnswer } from "../domain/payment.ts";
import { paymentIdOf } from "../domain/payment-id.ts";

/**
 * The answer to any request: the state that the payment is in, whatever was asked. A repeated request
 * therefore gets the recorded outcome, with the recorded decline code or cause.
 */
export function answerMessage(
  context: EventContext,
  answer: PaymentAnswer,
): AnswerOf<typeof placeOrder, "payment"> {
  const step = "process-payment";
  switch (answer.kind) {
    case "succeeded": {
      const value = { paymentId: paymentIdOf(context.sagaId) };
      return { step, context, outcome: { case: "succeeded", value } };
    }
    case "declined": {
      const value = { declineCode: answer.declineCode };
      return { step, context, outcome: { case: "declined", value } };
    }
    case "refunded":
      return { step, context, outcome: { case: "refunded", value: { cause: answer.cause } } };
    default:
      return { step, context, outcome: { case: "pending", value: {} } };
  }
}
