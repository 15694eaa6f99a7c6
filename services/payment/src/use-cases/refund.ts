import { type UnitsOfWork, writeAudit } from "@ordersaga/outbox";

import { paymentIdOf } from "../domain/payment-id.ts";
import { lockRefundable } from "../persistence/refundable-statement.ts";
import type { Hear } from "./hear.ts";

/** What became of an operator's wish to give money back. */
export type RefundResult =
  /** By this wish or by one before it; the session is the payment's. */
  | { readonly kind: "refunding"; readonly sessionId: string }
  | { readonly kind: "not-confirmed" }
  | { readonly kind: "not-found" };

export type Refund = (wish: {
  readonly sagaId: string;
  /** Undefined looks across sessions. */
  readonly sessionId: string | undefined;
  readonly reason: string;
}) => Promise<RefundResult>;

/**
 * Makes what gives the money of a confirmed order back, by the same arrows as the saga's own undo: the
 * call is made after the commit and repeated until the provider has answered. Before `order-confirmed` was
 * heard it is refused: the order could be confirmed by the success that was told, and then it would stand
 * without money. The saga is told as ever; it is decided for good and takes note at most.
 */
export function createRefund(dependencies: {
  readonly unitsOfWork: UnitsOfWork;
  readonly hear: Hear;
}): Refund {
  const { unitsOfWork, hear } = dependencies;
  return ({ reason, ...key }) =>
    unitsOfWork.run(async (uow) => {
      const found = await lockRefundable(uow, key);
      if (found === undefined) {
        return { kind: "not-found" };
      }
      const { sagaId, sessionId, status, isConfirmed, context } = found;
      if (!isConfirmed) {
        return { kind: "not-confirmed" };
      }
      if (status === "SUCCEEDED") {
        const cause = { code: "ADMINISTRATOR", message: reason };
        await hear(uow, [{ sagaId, sessionId, heard: { kind: "undo", cause }, context }]);
        const target = paymentIdOf(sagaId);
        await writeAudit(uow, { action: "refund-payment", target, sessionId, reason });
      }
      return { kind: "refunding", sessionId };
    });
}
