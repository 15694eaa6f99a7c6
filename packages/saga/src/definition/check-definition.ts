import type { SagaDefinition } from "./definition.ts";
import { type Plan, planOf } from "./plan.ts";

/**
 * Returns the definition, or throws a sentence that says what is wrong with it: what the compiler cannot
 * see, because it is in the descriptors, or because the definition was made by other means.
 */
export function checkDefinition<D extends Omit<SagaDefinition, "~types">>(definition: D): D {
  const plan = planOf(definition);
  const mistake = [
    ...mistakesInSteps(definition, plan),
    ...mistakesInOutcomes(plan),
    ...mistakesInWaits(definition, plan),
  ][0];
  if (mistake !== undefined) {
    throw new Error(`saga ${definition.name}: ${mistake}`);
  }
  return definition;
}

function* mistakesInSteps({ steps }: Pick<SagaDefinition, "steps">, plan: Plan) {
  const names = steps.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    yield `two steps are called ${twice}`;
  }
  const kinds = steps.map(({ kind }) => kind).join();
  if (!/^(compensatable,)+pivot(,retriable)*$/.test(kinds)) {
    yield `it needs a compensatable step, then the pivot, then retriable steps; it has ${kinds}`;
  }
  const colon = names.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
  if (colon !== undefined) {
    yield `the step "${colon}" is not named in kebab-case`;
  }
  for (const step of plan.compensatable) {
    const undone = plan.outcomes.filter(({ step: of, fact }) => of === step && fact === "undone");
    if (undone.length !== 1) {
      yield `the undo of ${step.name} has ${undone.length} outcomes instead of one`;
    }
  }
}

function* mistakesInOutcomes({ outcomes }: Plan) {
  const types = outcomes.map(({ type }) => type.typeName);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) {
    yield `two outcomes are told by ${twice}: the event alone must say which step it is about`;
  }
  for (const { step, rule } of outcomes) {
    if (step.kind === "retriable" && rule?.abort !== undefined) {
      yield `${step.name} is after the pivot and cannot abort`;
    }
    const rules = outcomes.filter((other) => other.step === step).map((other) => other.rule);
    if (new Set(rules.flatMap((other) => (other?.advance ? [other.as] : []))).size !== 1) {
      yield `the successes of ${step.name} must tell one and the same progress`;
    }
    if (rules.filter((other) => other?.wait !== undefined).length > 1) {
      yield `${step.name} can wait in two ways`;
    }
  }
}

function* mistakesInWaits({ limits, progress }: Omit<SagaDefinition, "~types">, plan: Plan) {
  for (const { step, rule } of plan.outcomes) {
    if (rule?.wait !== undefined && limits.waits[rule.wait] === undefined) {
      yield `${step.name} waits by the limit ${rule.wait}, which is not declared`;
    }
    if (rule?.as !== undefined && !progress.includes(rule.as)) {
      yield `${step.name} tells the progress ${rule.as}, which is not declared`;
    }
  }
}
