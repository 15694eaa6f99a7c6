import type { LedgerMove } from "../parties/ledger.ts";
import { realRules, type Rules } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Payment concludes from "not found" that there is nothing to undo: nothing makes the key void. */
export const undoByLookingUp: Mutant = {
  trace: 4,
  name: "an unknown charge is undone by looking it up",
  rules: { ...realRules, writeEntry: lookUp },
  worlds: inBothModes(["cancel"]),
  finds: /money is still taken/,
};

function lookUp(...[from, operation]: Parameters<Rules["writeEntry"]>): LedgerMove {
  const isUnknown = from === undefined && operation.kind === "cancel";
  return isUnknown
    ? { status: "VOID", moved: 0, isRecorded: false }
    : realRules.writeEntry(from, operation);
}
