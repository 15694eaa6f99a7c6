import { hexOfUuid } from "@ordersaga/kernel";
import type { EventContext } from "@ordersaga/outbox";

import type { PaymentRow } from "../domain/decide-set.ts";
import type { Charge, Payment, PaymentStatus } from "../domain/payment.ts";

/** A payment with the context that its next answer needs. */
export type StoredPayment = PaymentRow<EventContext>;

/** The columns that make up a {@link StoredPayment}. */
export type PaymentColumns = {
  readonly saga_id: string;
  readonly session_id: string;
  readonly status: PaymentStatus;
  readonly user_id: string | null;
  readonly currency_code: string | null;
  readonly minor_units: bigint | null;
  readonly token: string | null;
  readonly decline_code: string | null;
  readonly cause_code: string | null;
  readonly cause_message: string | null;
  readonly traceparent: string;
  readonly definition_version: number;
  readonly coordination: number;
  readonly saga_state: Uint8Array;
  readonly attempts: number;
  readonly pending_due_at: Date | null;
};

export function storedPaymentOf(columns: PaymentColumns): StoredPayment {
  const sagaId = hexOfUuid(columns.saga_id) ?? columns.saga_id;
  const sessionId = columns.session_id;
  return {
    sagaId,
    sessionId,
    payment: paymentOf(columns),
    context: {
      sagaId,
      sessionId,
      traceparent: columns.traceparent,
      definitionVersion: columns.definition_version,
      coordination: columns.coordination as EventContext["coordination"],
      state: columns.saga_state,
    },
    attempts: columns.attempts,
    isPendingTold: columns.status === "CHARGING" && columns.pending_due_at === null,
  };
}

function paymentOf(columns: PaymentColumns): Payment {
  const { status } = columns;
  const cause = { code: columns.cause_code ?? "", message: columns.cause_message ?? "" };
  const charge = chargeOf(columns);
  if (status === "REFUNDED") {
    return { status, charge, cause };
  }
  if (charge === undefined) {
    throw new Error("a payment that is no tombstone has no charge");
  }
  switch (status) {
    case "DECLINED":
      return { status, charge, declineCode: columns.decline_code ?? "" };
    case "UNDOING":
      return { status, charge, cause };
    default:
      return { status, charge };
  }
}

function chargeOf(columns: PaymentColumns): Charge | undefined {
  const { user_id: userId, currency_code: currencyCode, minor_units: minorUnits, token } = columns;
  return userId === null || currencyCode === null || minorUnits === null || token === null
    ? undefined
    : { amount: { currencyCode, minorUnits }, token, userId };
}
