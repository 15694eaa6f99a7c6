import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** Inventory decides by a row that it has read before it locked it. */
export const readBeforeLock: Mutant = {
  trace: 14,
  name: "a row is read before it is locked",
  rules: without("locksBeforeReading"),
  worlds: inBothModes(["cancel", "concurrency"]),
  finds: /the stock does not agree with the reservations/,
};
