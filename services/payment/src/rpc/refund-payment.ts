import type { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import { AppError, invalidArgument, uuidOf } from "@ordersaga/kernel";
import type { Database } from "@ordersaga/outbox";
import type { Handlers } from "@ordersaga/rpc";

import { findPayment } from "../use-cases/read-payments.ts";
import type { Refund } from "../use-cases/refund.ts";
import { unknownPayment } from "./get-payment.ts";
import { paymentMessage } from "./payment-message.ts";
import { anySession } from "./session.ts";

/** `RefundPayment`: for operators, in any session. */
export function createRefundPayment(
  database: Database,
  refund: Refund,
): Handlers<typeof PaymentService>["refundPayment"] {
  return async ({ paymentId, reason: given }, context) => {
    requireOperator(context);
    const sagaId = uuidOf(paymentId);
    if (sagaId === undefined) {
      throw invalidArgument({ field: "payment_id", description: "is no id" });
    }
    const reason = given.trim();
    if (reason === "" || reason.includes("\0")) {
      throw invalidArgument({ field: "reason", description: "must be a sentence" });
    }
    const result = await refund({ sagaId, sessionId: anySession(context), reason });
    if (result.kind === "not-confirmed") {
      throw new AppError({
        code: "FAILED_PRECONDITION",
        message: "its order is not confirmed: until then only the saga itself gives the money back",
        reason: "ORDER_NOT_CONFIRMED",
      });
    }
    const record =
      result.kind === "refunding"
        ? await findPayment(database, { sagaId, sessionId: result.sessionId })
        : undefined;
    if (record === undefined) {
      throw unknownPayment(paymentId);
    }
    return { payment: paymentMessage(record) };
  };
}

function requireOperator({ isOperator }: { readonly isOperator: boolean }): void {
  if (!isOperator) {
    throw new AppError({
      code: "PERMISSION_DENIED",
      message: "refunds are for operators: send the operator's bearer token",
      reason: "OPERATOR_ONLY",
    });
  }
}
