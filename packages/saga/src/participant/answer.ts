import { create, type Message } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { EventContext, OutgoingEvent } from "@ordersaga/outbox";

import { advanceState } from "../definition/carried-state.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import { carriesState, type Outcome, planOf } from "../definition/plan.ts";
import type { Versions } from "../definition/versions.ts";

/** What came of one request, with its types erased. */
export type ErasedAnswer = {
  readonly step: string;
  readonly context: EventContext;
  readonly outcome: { readonly case: string; readonly value?: unknown };
};

/**
 * The event that tells an outcome. Choreographed, the success of a step before the pivot carries the
 * state on, patched as the definition says; nothing else needs it.
 */
export function answerWith(versions: Versions, answer: ErasedAnswer): OutgoingEvent {
  const { step, context } = answer;
  const definition = versions.at(context.definitionVersion);
  const outcome = planOf(definition).outcomeOfCase.get(`${step}/${answer.outcome.case}`);
  if (outcome === undefined) {
    throw new Error(`the step ${step} has no outcome ${answer.outcome.case}`);
  }
  const init = answer.outcome.value as Record<string, unknown> | undefined;
  const payload = create(outcome.type, init);
  const state = carriedOn(definition, outcome, { payload, context });
  return { type: outcome.type, payload, context: { ...context, state } };
}

function carriedOn(
  definition: SagaDefinition,
  { step, fact, rule }: Outcome,
  { payload, context }: { readonly payload: Message; readonly context: EventContext },
): Uint8Array {
  const isCarried =
    context.coordination !== Coordination.ORCHESTRATION &&
    context.state.length > 0 &&
    carriesState(planOf(definition), step) &&
    fact === "succeeded" &&
    rule !== undefined;
  return isCarried ? advanceState(definition, rule, payload, context.state) : noState;
}

const noState = new Uint8Array();
