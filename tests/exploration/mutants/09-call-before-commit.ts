import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** The provider is called inside the transaction, which may still be rolled back by a crash. */
export const callBeforeCommit: Mutant = {
  trace: 9,
  name: "the provider is called before the intent is recorded",
  rules: without("callsAfterCommit"),
  worlds: inBothModes(["cancel"]),
  finds: /money is still taken/,
};
