import type { decideSet } from "@ordersaga/inventory/src/domain/decide-set.ts";

import { realRules } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Inventory says that there is not enough and does not write it down. */
export const refusalNotRecorded: Mutant = {
  trace: 3,
  name: "a refusal is not recorded",
  rules: { ...realRules, decideReservations: forgetting },
  worlds: inBothModes(["cancel"], 2),
  finds: /a saga has ended as FAILED and stock is still held/,
};

function forgetting(...given: Parameters<typeof decideSet>): ReturnType<typeof decideSet> {
  const decision = realRules.decideReservations(...given);
  const inserted = decision.inserted.filter(({ reservation }) => reservation.status !== "REFUSED");
  return { ...decision, inserted };
}
