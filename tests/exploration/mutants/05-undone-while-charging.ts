import type { Heard, PaymentRow, SetDecision } from "@ordersaga/payment/src/domain/decide-set.ts";

import { realRules } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** An undo is acknowledged at once, whatever the provider may be doing. */
export const undoneWhileCharging: Mutant = {
  trace: 5,
  name: "an undo is acknowledged while the charge is unresolved",
  rules: { ...realRules, decidePayments: acknowledging },
  worlds: inBothModes(["cancel"]),
  finds: /a saga has ended as COMPENSATED and money is still taken/,
};

function acknowledging<C>(
  set: readonly Heard<C>[],
  recorded: readonly PaymentRow<C>[],
): SetDecision<C> {
  const [row] = recorded;
  const [item] = set;
  if (row?.payment.status !== "CHARGING" || item?.heard.kind !== "undo") {
    return realRules.decidePayments(set, recorded);
  }
  const { cause } = item.heard;
  const payment = { status: "REFUNDED", charge: row.payment.charge, cause } as const;
  return {
    answers: [{ context: item.context ?? row.context, answer: { kind: "refunded", cause } }],
    inserted: [],
    updated: [{ ...row, payment }],
    calls: [],
  };
}
