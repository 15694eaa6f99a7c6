import type { LedgerMove } from "../parties/ledger.ts";
import { realRules, type Rules } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Every attempt asks the provider under a key of its own. */
export const keyOfTheAttempt: Mutant = {
  trace: 11,
  name: "the key depends on the attempt",
  rules: { ...realRules, keyOf: perAttempt },
  worlds: inBothModes([]),
  finds: /an order was charged twice/,
};

/** A refund has no key, so that the provider cannot tell a repeated one from another. */
export const refundWithoutKey: Mutant = {
  trace: 11,
  name: "a refund has no stable key",
  rules: { ...realRules, writeEntry: refundingAgain },
  worlds: inBothModes(["cancel"]),
  finds: /an order was refunded twice/,
};

function perAttempt(...[payment, { isRepeated }]: Parameters<Rules["keyOf"]>): string {
  const key = realRules.keyOf(payment, { isRepeated });
  return `${key}:${isRepeated ? 2 : 1}`;
}

function refundingAgain(...[from, operation]: Parameters<Rules["writeEntry"]>): LedgerMove {
  return from === "REFUNDED" && operation.kind === "cancel"
    ? { status: from, moved: -1 }
    : realRules.writeEntry(from, operation);
}
