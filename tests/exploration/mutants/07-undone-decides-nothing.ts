import {
  planOf,
  type Saga,
  type SagaDefinition,
  type SagaInput,
  transition,
} from "@ordersaga/saga";

import { realRules } from "../parties/rules.ts";
import { choreographed, type Mutant } from "./mutant.ts";

/** An order that is undecided can do nothing with an answer that a step was undone. */
export const undoneDecidesNothing: Mutant = {
  trace: 7,
  name: "an undone that is heard while undecided decides nothing",
  rules: { ...realRules, transition: waiting },
  worlds: choreographed(["decline"]),
  finds: /a saga is stuck/,
};

function waiting(definition: SagaDefinition, saga: Saga, input: SagaInput) {
  const outcome =
    input.kind === "outcome"
      ? planOf(definition).outcomeOfType.get(input.event.$typeName)
      : undefined;
  return outcome?.fact === "undone" && saga.decision === undefined
    ? { saga, effects: [], history: [] }
    : transition(definition, saga, input);
}
