import type { Cause } from "../definition/cause.ts";
import type { CompensatableStep, SagaDefinition } from "../definition/definition.ts";
import type { TimeLimit } from "../definition/limits.ts";
import { planOf } from "../definition/plan.ts";
import { insightOf } from "./insight.ts";
import { entry, started, withStanding } from "./records.ts";
import type { DecidedAs, Saga, Transition } from "./saga.ts";
import { announcement, isOrchestrated } from "./sayings.ts";

/** A decision that is about to be written. */
export type Verdict = { readonly as: DecidedAs; readonly cause: Cause; readonly at: Date };

/**
 * Writes the decision of an undecided saga. It is announced in both modes, for consumers outside, even
 * when the saga has ended with it; an orchestrated one also sends its commands.
 */
export function decide(definition: SagaDefinition, before: Saga, verdict: Verdict): Transition {
  const { as, cause, at } = verdict;
  const saga = withStanding(definition, at, {
    ...before,
    decision: { as, cause, at },
    updatedAt: at,
    deadlineAt: undefined,
  });
  const asked = isOrchestrated(saga) ? insightOf(definition, saga).commands : [];
  const pivot = planOf(definition).pivot.name;
  const decided =
    as === "CONFIRMED"
      ? entry(saga, { step: pivot, status: "SUCCEEDED", message: saga.standing.progress, at })
      : entry(saga, { step: pivot, status: "ABORTED", message: sentenceOf(cause), at });
  return {
    saga,
    effects: [announcement(saga), ...asked],
    history: [decided, ...started(saga, asked, at)],
  };
}

/** Decides against an undecided saga whose time is up; undefined when it is not. */
export function decideByTimeLimit(
  definition: SagaDefinition,
  saga: Saga,
  at: Date,
): Transition | undefined {
  if (saga.decision !== undefined || saga.deadlineAt === undefined || saga.deadlineAt > at) {
    return undefined;
  }
  const step = insightOf(definition, saga).waiting;
  const { decides, cause } =
    step === undefined ? definition.limits.undecided : waitLimit(definition, step);
  return decide(definition, saga, { as: decides, cause, at });
}

/** The limit that a step selects by saying that it waits. */
export function waitLimit({ limits }: SagaDefinition, step: CompensatableStep): TimeLimit {
  const name = Object.values(step.outcomes).find(({ wait }) => wait !== undefined)?.wait;
  return (name === undefined ? undefined : limits.waits[name]) ?? limits.undecided;
}

/** How a cause reads in the history. */
export function sentenceOf({ code, message }: Cause): string {
  return message === "" ? code : `${code}: ${message}`;
}
