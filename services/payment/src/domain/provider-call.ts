import { callOf } from "./decide.ts";
import type { PaymentKey, PaymentRow } from "./decide-set.ts";
import type { Charge } from "./payment.ts";

/** One thing to ask the provider, for one payment. */
export type OpenCall = PaymentKey & {
  /** How often it came back without a decision. */
  readonly attempts: number;
} & ({ readonly call: "charge"; readonly charge: Charge } | { readonly call: "cancel" });

/** The call that a payment stands for; undefined when nothing is open with the provider. */
export function openCallOf(row: PaymentRow<unknown>): OpenCall | undefined {
  const { sagaId, sessionId, attempts, payment } = row;
  const call = callOf(payment);
  if (call === "charge" && payment.charge !== undefined) {
    return { sagaId, sessionId, attempts, call, charge: payment.charge };
  }
  return call === "cancel" ? { sagaId, sessionId, attempts, call } : undefined;
}

/**
 * The provider's idempotency key of a payment. It depends on nothing but the saga and the step, so that
 * every attempt, of whichever process, is the same charge.
 */
export function providerKeyOf({ sagaId }: PaymentKey): string {
  return `${sagaId}:process-payment`;
}
