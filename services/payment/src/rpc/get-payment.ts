import type { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import { AppError, invalidArgument, uuidOf } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";
import type { Handlers } from "@ordersaga/rpc";

import { findPayment } from "../use-cases/read-payments.ts";
import { paymentMessage } from "./payment-message.ts";
import { anySession } from "./session.ts";

/** `GetPayment`: the payment's id, the order's and the saga's are one and the same UUID. */
export function createGetPayment(
  database: Database,
): Handlers<typeof PaymentService>["getPayment"] {
  return async ({ id }, context) => {
    const sagaId = uuidOf(id.value ?? "");
    if (sagaId === undefined) {
      throw invalidArgument({ field: "id", description: "is no id" });
    }
    const record = await findPayment(database, { sagaId, sessionId: anySession(context) });
    if (record === undefined) {
      throw unknownPayment(id.value ?? "");
    }
    return { payment: paymentMessage(record) };
  };
}

/** What a caller is told whose session has no such payment, whether or not another one has. */
export function unknownPayment(id: string): AppError {
  return new AppError({
    code: "NOT_FOUND",
    message: `this session has no payment ${id}`,
    reason: "UNKNOWN_PAYMENT",
  });
}
