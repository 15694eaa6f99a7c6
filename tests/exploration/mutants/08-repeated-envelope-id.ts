import { without } from "../parties/rules.ts";
import { choreographed, type Mutant } from "./mutant.ts";

/** A repeated answer goes out under the id of the first, and every inbox that has it swallows it. */
export const repeatedEnvelopeId: Mutant = {
  trace: 8,
  name: "a repeated answer reuses its envelope id",
  rules: without("repetitionsAreNew"),
  worlds: choreographed(["inbox"]),
  finds: /a saga is stuck/,
};
