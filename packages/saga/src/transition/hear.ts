import type { Message } from "@bufbuild/protobuf";
import { PermanentError } from "@ordersaga/kernel";

import { advanceState } from "../definition/carried-state.ts";
import { type Cause, causeIn, causeOf } from "../definition/cause.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import { type FactKind, type Outcome, planOf } from "../definition/plan.ts";
import { decide, sentenceOf, waitLimit } from "./decide.ts";
import { entry, started, withStanding } from "./records.ts";
import type { DecidedAs, Effect, Fact, Saga, StepStatus, Transition } from "./saga.ts";
import { commands, isOrchestrated } from "./sayings.ts";
import { successes, waiting } from "./standing.ts";

/** An outcome as it was heard. */
export type Heard = {
  readonly event: Message;
  /** Empty when the event carried none. */
  readonly state: Uint8Array;
  readonly at: Date;
};

/** Records the fact that an outcome tells; an undecided saga is decided when that is enough. */
export function hear(definition: SagaDefinition, before: Saga, heard: Heard): Transition {
  const { event, at } = heard;
  const outcome = planOf(definition).outcomeOfType.get(event.$typeName);
  if (outcome === undefined) {
    const message = `${event.$typeName} is no outcome of ${before.name} version ${before.version}`;
    throw new PermanentError({ code: "UNKNOWN_TYPE", message });
  }
  const { step, fact } = outcome;
  const named: Fact = `${step.name}:${fact}`;
  if (before.facts.includes(named)) {
    return { saga: before, effects: [], history: [] };
  }
  const facts = [...before.facts, named];
  const saga = withStanding(definition, at, {
    ...before,
    facts,
    updatedAt: at,
    state: stateAfter(definition, before, outcome, heard),
    deadlineAt: deadlineAfter(definition, before, { ...before, facts }, at),
  });
  const refusal = outcome.rule?.abort?.(event);
  const message = refusal === undefined ? outcome.case : sentenceOf(refusal);
  const history = [entry(saga, { step: step.name, status: statuses[fact], message, at })];
  const verdict = verdictOf(definition, saga, fact, refusal ?? causeIn(event));
  if (verdict !== undefined && saga.decision === undefined) {
    const decided = decide(definition, saga, { ...verdict, at });
    return { ...decided, history: [...history, ...decided.history] };
  }
  const effects = isOrchestrated(saga) ? newCommands(definition, before, saga) : [];
  return { saga, effects, history: [...history, ...started(saga, effects, at)] };
}

const statuses = {
  pending: "PENDING",
  succeeded: "SUCCEEDED",
  refused: "REFUSED",
  undone: "UNDONE",
} as const satisfies Record<FactKind, StepStatus>;

/** What a new fact decides about an undecided saga; undefined when it decides nothing. */
function verdictOf(
  definition: SagaDefinition,
  saga: Saga,
  fact: FactKind,
  cause: Cause,
): { readonly as: DecidedAs; readonly cause: Cause } | undefined {
  if (fact === "refused" || fact === "undone") {
    return { as: "FAILED", cause };
  }
  const plan = planOf(definition);
  return successes(plan, saga) === plan.compensatable.length
    ? { as: "CONFIRMED", cause: causeOf(undefined) }
    : undefined;
}

/**
 * A choreographed success carries the state on, the patches of the steps before it included; so the
 * furthest success has the last word. Otherwise the outcome's own patch is applied here.
 */
function stateAfter(definition: SagaDefinition, before: Saga, outcome: Outcome, heard: Heard) {
  const { step, fact, rule } = outcome;
  if (fact !== "succeeded" || rule === undefined) {
    return before.state;
  }
  if (step.kind === "compensatable") {
    const plan = planOf(definition);
    const isOvertaken = plan.compensatable.indexOf(step) < successes(plan, before);
    if (before.decision !== undefined || isOvertaken) {
      return before.state;
    }
    if (heard.state.length > 0) {
      return heard.state;
    }
  }
  return advanceState(definition, rule, heard.event, before.state);
}

/** A step that says it waits selects its own limit; once it has answered, the ordinary one begins anew. */
function deadlineAfter(definition: SagaDefinition, before: Saga, after: Saga, at: Date) {
  if (before.decision !== undefined) {
    return undefined;
  }
  const plan = planOf(definition);
  const step = waiting(plan, after);
  if (step === waiting(plan, before)) {
    return before.deadlineAt;
  }
  const { withinMs } =
    step === undefined ? definition.limits.undecided : waitLimit(definition, step);
  return new Date(at.getTime() + withinMs);
}

/** The commands that are due now and were not due before. */
function newCommands(definition: SagaDefinition, before: Saga, after: Saga): Effect[] {
  const old = commands(definition, before).map(nameOf);
  return commands(definition, after).filter((effect) => !old.includes(nameOf(effect)));
}

function nameOf(effect: Effect): string {
  return effect.kind === "announce" ? effect.what : `${effect.kind} ${effect.step.name}`;
}
