import type { Message } from "@bufbuild/protobuf";
import { PermanentError } from "@ordersaga/kernel";

import { advanceState } from "../definition/carried-state.ts";
import { type Cause, causeIn, causeOf } from "../definition/cause.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import { type FactKind, type Outcome, planOf } from "../definition/plan.ts";
import { decide, sentenceOf, waitLimit } from "./decide.ts";
import { type Insight, insightOf } from "./insight.ts";
import { entry, started, withStanding } from "./records.ts";
import type { DecidedAs, Effect, Fact, Saga, StepStatus, Transition } from "./saga.ts";
import { isOrchestrated } from "./sayings.ts";

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
  const was = insightOf(definition, before);
  const is = insightOf(definition, { facts, decision: before.decision });
  const saga = withStanding(definition, at, {
    ...before,
    facts,
    updatedAt: at,
    state: stateAfter({ definition, before, was, outcome, heard }),
    deadlineAt:
      was.waiting === is.waiting ? before.deadlineAt : deadlineFor(definition, before, is, at),
  });
  const refusal = outcome.rule?.abort?.(event);
  const message = refusal === undefined ? outcome.case : sentenceOf(refusal);
  const history = [entry(saga, { step: step.name, status: statuses[fact], message, at })];
  const verdict =
    before.decision === undefined
      ? verdictOf(definition, is, fact, refusal ?? causeIn(event))
      : undefined;
  if (verdict !== undefined) {
    const decided = decide(definition, saga, { ...verdict, at });
    return { ...decided, history: [...history, ...decided.history] };
  }
  const effects = isOrchestrated(saga) ? newIn(is.commands, was.commands) : [];
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
  { succeeded }: Insight,
  fact: FactKind,
  cause: Cause,
): { readonly as: DecidedAs; readonly cause: Cause } | undefined {
  if (fact === "refused" || fact === "undone") {
    return { as: "FAILED", cause };
  }
  return succeeded === planOf(definition).compensatable.length
    ? { as: "CONFIRMED", cause: causeOf(undefined) }
    : undefined;
}

/**
 * A choreographed success carries the state on, the patches of the steps before it included, if anybody
 * looks at it; so the furthest success has the last word. Otherwise the outcome's own patch is applied.
 */
function stateAfter(given: {
  readonly definition: SagaDefinition;
  readonly before: Saga;
  readonly was: Insight;
  readonly outcome: Outcome;
  readonly heard: Heard;
}): Uint8Array {
  const { definition, before, was, outcome, heard } = given;
  const { step, fact, rule } = outcome;
  if (fact !== "succeeded" || rule === undefined) {
    return before.state;
  }
  if (step.kind === "compensatable") {
    const isOvertaken = planOf(definition).compensatable.indexOf(step) < was.succeeded;
    if (before.decision !== undefined || isOvertaken) {
      return before.state;
    }
    if (!isOrchestrated(before)) {
      return heard.state.length > 0 ? heard.state : before.state;
    }
  }
  return advanceState(definition, rule, heard.event, before.state);
}

/** A step that says it waits selects its own limit; once it has answered, the ordinary one begins anew. */
function deadlineFor(
  definition: SagaDefinition,
  { decision }: Saga,
  { waiting }: Insight,
  at: Date,
): Date | undefined {
  if (decision !== undefined) {
    return undefined;
  }
  const { withinMs } =
    waiting === undefined ? definition.limits.undecided : waitLimit(definition, waiting);
  return new Date(at.getTime() + withinMs);
}

/** The commands that are due now and were not due before. */
function newIn(now: readonly Effect[], before: readonly Effect[]): readonly Effect[] {
  return now.filter((effect) => !before.some((other) => isSame(effect, other)));
}

function isSame(one: Effect, other: Effect): boolean {
  return (
    one.kind === other.kind &&
    one.kind !== "announce" &&
    other.kind !== "announce" &&
    one.step === other.step
  );
}
