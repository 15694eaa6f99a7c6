import type { Heard, PaymentRow, SetDecision } from "@ordersaga/payment/src/domain/decide-set.ts";

import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** A repeated request finds "in progress" and leaves it at that, and there is no scanner. */
export const nobodyResumesACall: Mutant = {
  trace: 10,
  name: "nobody resumes a lost call",
  rules: { ...without("callsAreResumed"), decidePayments: leavingIt },
  worlds: inBothModes([]),
  finds: /a saga is stuck/,
};

function leavingIt<C>(
  set: readonly Heard<C>[],
  recorded: readonly PaymentRow<C>[],
): SetDecision<C> {
  const decision = without().decidePayments(set, recorded);
  const calls = decision.calls.filter(
    ({ row }) => row.payment.status !== recorded[0]?.payment.status,
  );
  return { ...decision, calls };
}
