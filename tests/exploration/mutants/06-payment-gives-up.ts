import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Payment says "declined" when the provider has not answered for long. */
export const paymentGivesUp: Mutant = {
  trace: 6,
  name: "payment gives up by a time limit of its own",
  rules: without("paymentIsPatient"),
  worlds: inBothModes([]),
  finds: /money is still taken/,
};
