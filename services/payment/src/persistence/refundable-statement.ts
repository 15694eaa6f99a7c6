import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { PaymentStatus } from "../domain/payment.ts";
import { type PaymentColumns, type StoredPayment, storedPaymentOf } from "./payment-row.ts";
import { storedColumns } from "./payment-statements.ts";

/** A payment that an operator wants to give back. */
export type RefundablePayment = StoredPayment & {
  readonly status: PaymentStatus;
  /** Payment has heard that its order is confirmed. */
  readonly isConfirmed: boolean;
};

/** Locks and reads one payment; without a session, of whichever session has it. */
export async function lockRefundable(
  uow: UnitOfWork,
  key: { readonly sagaId: string; readonly sessionId: string | undefined },
): Promise<RefundablePayment | undefined> {
  const [row] = await uow.query(lock, [key.sagaId, key.sessionId ?? null]);
  return row && { ...storedPaymentOf(row), status: row.status, isConfirmed: row.is_confirmed };
}

const lock: Statement<PaymentColumns & { readonly is_confirmed: boolean }> = {
  name: "payment.lock-refundable",
  text: `
    select ${storedColumns}, p.confirmed_at is not null as is_confirmed from payment p
    where p.saga_id = $1 and ($2::text is null or p.session_id = $2)
    order by p.session_id limit 1 for update`,
};
