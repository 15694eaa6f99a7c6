import type { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import { AppError } from "@ordersaga/kernel";
import type { Handlers } from "@ordersaga/rpc";

/** `RefundPayment`: for operators, and not built yet. */
export function createRefundPayment(): Handlers<typeof PaymentService>["refundPayment"] {
  return async (_request, { isOperator }) => {
    if (!isOperator) {
      throw new AppError({
        code: "PERMISSION_DENIED",
        message: "refunds are for operators: send the operator's bearer token",
        reason: "OPERATOR_ONLY",
      });
    }
    throw new AppError({
      code: "UNIMPLEMENTED",
      message: "refunding a payment by hand is not built yet",
    });
  };
}
