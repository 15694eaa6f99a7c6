import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** The provider forgets a key while something that names it can still arrive. */
export const forgottenKeys: Mutant = {
  trace: 12,
  name: "the provider forgets keys sooner than a saga can last",
  rules: without("keysAreKept"),
  worlds: inBothModes([]),
  finds: /an order was charged twice/,
};
