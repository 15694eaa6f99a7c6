import { without } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** What comes behind a dead letter of the same saga waits until an operator has dealt with it. */
export const parkedBehindADeadLetter: Mutant = {
  trace: 2,
  name: "messages are parked behind a dead letter",
  rules: without("parksNothing"),
  worlds: inBothModes(["cancel", "dead-letter"]),
  finds: /a saga is stuck/,
};
