import type { CompensatableStep, SagaDefinition, Step } from "../definition/definition.ts";
import { type FactKind, type Plan, planOf } from "../definition/plan.ts";
import type { DecidedAs, Effect, Fact, Saga, Standing } from "./saga.ts";

/** All that a saga's standing, its end and its sayings follow from. */
export type Known = Pick<Saga, "facts" | "decision">;

/** What follows from the facts and the decision of a saga, and from nothing else. */
export type Insight = {
  readonly standing: Standing;
  /** How many steps before the pivot have succeeded: a success implies those of all steps before it. */
  readonly succeeded: number;
  /** The step that said it waits, if that is still the last that was heard of it. */
  readonly waiting: CompensatableStep | undefined;
  /** What an orchestrated saga is waiting for the answers of; none when it has ended. */
  readonly commands: readonly Effect[];
};

/** Computed once for every combination of facts that occurs: there are few, and sagas are many. */
export function insightOf(definition: SagaDefinition, known: Known): Insight {
  let insights = memory.get(definition);
  if (insights === undefined || insights.size > maxInsights) {
    insights = new Map();
    memory.set(definition, insights);
  }
  const key = `${known.decision?.as ?? ""} ${known.facts.join(" ")}`;
  let insight = insights.get(key);
  if (insight === undefined) {
    insight = see(definition, known.facts, known.decision?.as);
    insights.set(key, insight);
  }
  return insight;
}

/** Whether nothing is left to be done or undone. */
export function isEnd({ status }: Standing): boolean {
  return status === "COMPLETED" || status === "COMPENSATED" || status === "FAILED";
}

const memory = new WeakMap<SagaDefinition, Map<string, Insight>>();
/** More combinations than any protocol has; it only bounds the memory. */
const maxInsights = 10_000;

type Facts = readonly Fact[];

function see(definition: SagaDefinition, facts: Facts, decision: DecidedAs | undefined): Insight {
  const plan = planOf(definition);
  const succeeded = 1 + plan.compensatable.findLastIndex((step) => has(facts, step, "succeeded"));
  const rest = plan.compensatable.slice(succeeded);
  return {
    standing: standingOf(definition, facts, decision),
    succeeded,
    waiting: rest.find((step) => has(facts, step, "pending")),
    commands: commandsOf(definition, facts, decision),
  };
}

function standingOf(
  definition: SagaDefinition,
  facts: Facts,
  decision: DecidedAs | undefined,
): Standing {
  const plan = planOf(definition);
  const { begun, confirmed, aborted } = definition.announces;
  if (decision === undefined) {
    const status = facts.length === 0 ? "STARTED" : "IN_PROGRESS";
    const progress = labelOf(plan, facts) ?? begun.as;
    return { status, progress, currentStep: awaited(plan, facts)?.name ?? "" };
  }
  if (decision === "CONFIRMED") {
    const open = unfinished(plan, facts)[0];
    const status = open === undefined ? "COMPLETED" : "IN_PROGRESS";
    return { status, progress: confirmed.as, currentStep: open?.name ?? "" };
  }
  const open = unacknowledged(plan, facts)[0];
  const [first] = plan.compensatable;
  const end = first !== undefined && has(facts, first, "refused") ? "FAILED" : "COMPENSATED";
  const status = open === undefined ? end : "COMPENSATING";
  return { status, progress: aborted.as[decision], currentStep: open?.name ?? "" };
}

function commandsOf(
  definition: SagaDefinition,
  facts: Facts,
  decision: DecidedAs | undefined,
): readonly Effect[] {
  const plan = planOf(definition);
  if (decision === undefined) {
    const step = awaited(plan, facts);
    return step === undefined ? [] : [{ kind: "do", step }];
  }
  if (decision === "CONFIRMED") {
    return unfinished(plan, facts).map((step) => ({ kind: "do", step }));
  }
  const open = unacknowledged(plan, facts);
  const now = definition.undoOrder === "together" ? open : open.slice(0, 1);
  return now.map((step) => ({ kind: "undo", step }));
}

/** The first step before the pivot whose success is not known. */
function awaited(plan: Plan, facts: Facts): CompensatableStep | undefined {
  return plan.compensatable[
    1 + plan.compensatable.findLastIndex((step) => has(facts, step, "succeeded"))
  ];
}

function unfinished(plan: Plan, facts: Facts) {
  return plan.retriable.filter((step) => !has(facts, step, "succeeded"));
}

/**
 * The steps whose undo is still open, newest first. A step is acknowledged by its undone, by its own
 * refusal, or by an earlier step's refusal: a refusal closes all steps behind it.
 */
function unacknowledged({ compensatable }: Plan, facts: Facts): CompensatableStep[] {
  const refusal = compensatable.findIndex((step) => has(facts, step, "refused"));
  const open = refusal === -1 ? compensatable : compensatable.slice(0, refusal);
  return open.filter((step) => !has(facts, step, "undone")).toReversed();
}

/** The label of the furthest thing known before the decision. */
function labelOf(plan: Plan, facts: Facts): string | undefined {
  const next = awaited(plan, facts);
  const done = next === undefined ? plan.compensatable.length : plan.compensatable.indexOf(next);
  return plan.compensatable
    .map((step, index) => {
      const rules = Object.values(step.outcomes);
      const success = index < done ? rules.find(({ advance }) => advance)?.as : undefined;
      const wait = has(facts, step, "pending") ? rules.find((rule) => rule.wait)?.as : undefined;
      return success ?? wait;
    })
    .findLast((label) => label !== undefined);
}

function has(facts: Facts, { name }: Step, kind: FactKind): boolean {
  return facts.includes(`${name}:${kind}`);
}
