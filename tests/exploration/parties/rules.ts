import type { LedgerOperation } from "@ordersaga/payment-provider/src/domain/ledger-operation.ts";
import type { LedgerStatus } from "@ordersaga/payment-provider/src/domain/ledger-entry.ts";
import { decideSet as decideReservations } from "@ordersaga/inventory/src/domain/decide-set.ts";
import { decideSet as decidePayments } from "@ordersaga/payment/src/domain/decide-set.ts";
import { providerKeyOf } from "@ordersaga/payment/src/domain/provider-call.ts";
import { transition } from "@ordersaga/saga";

import { type LedgerMove, writeEntry } from "./ledger.ts";

/**
 * All that decides in a world, each part replaceable at this one place, so that a rule can be switched
 * off. The functions are the services' own; the flags are the mechanisms around them.
 */
export type Rules = {
  readonly transition: typeof transition;
  readonly decideReservations: typeof decideReservations;
  readonly decidePayments: typeof decidePayments;
  /** The key under which the provider is asked; `isRepeated` when the row had made the call before. */
  readonly keyOf: (payment: PaymentNamed, attempt: { readonly isRepeated: boolean }) => string;
  readonly writeEntry: (from: LedgerStatus | undefined, operation: LedgerInput) => LedgerMove;
  readonly mechanisms: Mechanisms;
};

/** Each is true when the rule holds, as it does unless a mutant says otherwise. */
export type Mechanisms = {
  /** A dead letter holds nothing back: what comes behind it is handled. */
  readonly parksNothing: boolean;
  /** Payment never gives up by a time limit of its own. */
  readonly paymentIsPatient: boolean;
  /** A repeated answer is a new envelope, so that no inbox swallows it. */
  readonly repetitionsAreNew: boolean;
  /** The provider is called after the commit of the row that stands for the call. */
  readonly callsAfterCommit: boolean;
  /** Payment's scanner repeats the call of every row that waits. */
  readonly callsAreResumed: boolean;
  /** The provider remembers a key for longer than anything that names it can arrive. */
  readonly keysAreKept: boolean;
  /** Records are kept as long as their order. */
  readonly recordsAreKept: boolean;
  /** A row is locked before it is read; one that was inserted meanwhile is a conflict. */
  readonly locksBeforeReading: boolean;
  /** An operator's refund waits until payment has heard that the order is confirmed. */
  readonly refundsAwaitConfirmation: boolean;
};

export type PaymentNamed = Parameters<typeof providerKeyOf>[0];

/** What the ledger is asked, without key and amount. */
export type LedgerInput =
  | { readonly kind: "cancel" }
  | { readonly kind: "charge"; readonly verdict: FirstVerdict };

type FirstVerdict = Extract<LedgerOperation, { kind: "charge" }>["verdict"]["status"];

/** The rules as they are in the services. */
export const realRules: Rules = {
  transition,
  decideReservations,
  decidePayments,
  keyOf: providerKeyOf,
  writeEntry,
  mechanisms: {
    parksNothing: true,
    paymentIsPatient: true,
    repetitionsAreNew: true,
    callsAfterCommit: true,
    callsAreResumed: true,
    keysAreKept: true,
    recordsAreKept: true,
    locksBeforeReading: true,
    refundsAwaitConfirmation: true,
  },
};

/** The real rules, but for these mechanisms. */
export function without(...names: readonly (keyof Mechanisms)[]): Rules {
  const off = Object.fromEntries(names.map((name) => [name, false]));
  return { ...realRules, mechanisms: { ...realRules.mechanisms, ...off } };
}
