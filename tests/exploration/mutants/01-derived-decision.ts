import { type SagaDefinition, type SagaInput, isEnd, type Saga, transition } from "@ordersaga/saga";

import { realRules } from "../parties/rules.ts";
import { inBothModes, type Mutant } from "./mutant.ts";

/** The decision is derived again from what is known whenever something happens. */
export const derivedDecision: Mutant = {
  trace: 1,
  name: "the decision is derived from a set instead of written once",
  rules: { ...realRules, transition: deriving },
  worlds: inBothModes(["cancel", "decline"]),
  finds: /the decision flips from CONFIRMED to CANCELLED/,
};

function deriving(definition: SagaDefinition, saga: Saga, input: SagaInput) {
  if (isEnd(saga.standing) || saga.decision === undefined || input.kind !== "abort") {
    return transition(definition, saga, input);
  }
  return transition(definition, { ...saga, decision: undefined }, input);
}
