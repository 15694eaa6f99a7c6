import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** An operator may refund a payment whose order is not yet known to be confirmed. */
export const refundBehindTheSagasBack: Mutant = {
  trace: 15,
  name: "a refund does not wait for the order's confirmation",
  rules: without("refundsAwaitConfirmation"),
  worlds: inBothModes(["operator-refund"]),
  finds: /an order is confirmed without its money/,
};
