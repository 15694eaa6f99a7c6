import { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import { DeadLetterService } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { type Database, deadLetterHandlers, type Reaction } from "@ordersaga/outbox";
import { serve, type ServedService } from "@ordersaga/rpc";

import type { Refund } from "../use-cases/refund.ts";
import { createGetPayment } from "./get-payment.ts";
import { createListPayments } from "./list-payments.ts";
import { createRefundPayment } from "./refund-payment.ts";

/** Everything that payment offers to callers. Dead letters are those of the given reactions. */
export function createServices(
  database: Database,
  { reactions, refund }: { readonly reactions: readonly Reaction[]; readonly refund: Refund },
): readonly ServedService[] {
  return [
    serve(
      PaymentService,
      {
        getPayment: createGetPayment(database),
        listPayments: createListPayments(database),
        refundPayment: createRefundPayment(database, refund),
      },
      { needsSession: true },
    ),
    serve(
      DeadLetterService,
      deadLetterHandlers(
        database,
        reactions.map(({ type }) => type),
      ),
      { needsSession: false },
    ),
  ];
}
