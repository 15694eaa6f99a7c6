import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Inventory's records are deleted when their saga has ended; then an old message is redriven. */
export const purgedRecords: Mutant = {
  trace: 13,
  name: "records are purged before their order",
  rules: without("recordsAreKept"),
  worlds: inBothModes(["cancel"]),
  finds: /stock is still held/,
};
