import type { CompensatableStep, SagaDefinition, Step } from "../definition/definition.ts";
import { type Plan, planOf } from "../definition/plan.ts";
import type { Fact, Saga, Standing } from "./saga.ts";

/** Facts and decision: all that a saga's standing, its end and its sayings are computed from. */
export type Known = Pick<Saga, "facts" | "decision">;

/** Where a saga with these facts and this decision stands. */
export function standingOf(definition: SagaDefinition, known: Known): Standing {
  const plan = planOf(definition);
  const { decision } = known;
  const { begun, confirmed, aborted } = definition.announces;
  if (decision === undefined) {
    const status = known.facts.length === 0 ? "STARTED" : "IN_PROGRESS";
    const progress = labelOf(plan, known) ?? begun.as;
    return { status, progress, currentStep: awaited(plan, known)?.name ?? "" };
  }
  if (decision.as === "CONFIRMED") {
    const open = plan.retriable.find((step) => !isKnown(known, step, "succeeded"));
    const status = open === undefined ? "COMPLETED" : "IN_PROGRESS";
    return { status, progress: confirmed.as, currentStep: open?.name ?? "" };
  }
  const open = unacknowledged(plan, known)[0];
  const end = isRefused(known, plan.compensatable[0]) ? "FAILED" : "COMPENSATED";
  const status = open === undefined ? end : "COMPENSATING";
  return { status, progress: aborted.as[decision.as], currentStep: open?.name ?? "" };
}

/** Whether nothing is left to be done or undone. */
export function isEnd({ status }: Standing): boolean {
  return status === "COMPLETED" || status === "COMPENSATED" || status === "FAILED";
}

/** The first step before the pivot whose success is not known; undefined when all are known. */
export function awaited(plan: Plan, known: Known): CompensatableStep | undefined {
  return plan.compensatable[successes(plan, known)];
}

/** The step that said it waits, if that is still the last that was heard of it. */
export function waiting(plan: Plan, known: Known): CompensatableStep | undefined {
  const later = plan.compensatable.slice(successes(plan, known));
  return later.find((step) => isKnown(known, step, "pending"));
}

/**
 * The steps whose undo is still open, newest first. A step is acknowledged by its undone, by its own
 * refusal, or by an earlier step's refusal: a refusal closes all steps behind it.
 */
export function unacknowledged(plan: Plan, known: Known): CompensatableStep[] {
  const refusal = plan.compensatable.findIndex((step) => isRefused(known, step));
  const open = refusal === -1 ? plan.compensatable : plan.compensatable.slice(0, refusal);
  return open.filter((step) => !isKnown(known, step, "undone")).toReversed();
}

export function isKnown(
  { facts }: Known,
  { name }: Step,
  kind: "succeeded" | "pending" | "undone",
) {
  return facts.includes(`${name}:${kind}` satisfies Fact);
}

/** How many steps before the pivot have succeeded: a success implies those of all steps before it. */
export function successes(plan: Plan, known: Known): number {
  return 1 + plan.compensatable.findLastIndex((step) => isKnown(known, step, "succeeded"));
}

function isRefused({ facts }: Known, step: CompensatableStep | undefined): boolean {
  return step !== undefined && facts.includes(`${step.name}:refused`);
}

/** The label of the furthest thing known before the decision. */
function labelOf(plan: Plan, known: Known): string | undefined {
  const done = successes(plan, known);
  return plan.compensatable
    .map((step, index) => {
      const rules = Object.values(step.outcomes);
      const success = index < done ? rules.find(({ advance }) => advance)?.as : undefined;
      const wait = isKnown(known, step, "pending")
        ? rules.find((rule) => rule.wait)?.as
        : undefined;
      return success ?? wait;
    })
    .findLast((label) => label !== undefined);
}
