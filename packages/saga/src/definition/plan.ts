import type { DescMessage, DescMethodUnary } from "@bufbuild/protobuf";

import type {
  CommandStep,
  CompensatableStep,
  PivotStep,
  RetriableStep,
  Rule,
  SagaDefinition,
} from "./definition.ts";

/** What an outcome establishes about its step. Facts of a saga only ever grow in number. */
export type FactKind = "pending" | "succeeded" | "refused" | "undone";

/** One outcome of one step: the event by which it is told, and what that event means. */
export type Outcome = {
  /** The event's own message type. */
  readonly type: DescMessage;
  /** Name of the case in the reply's `oneof outcome`. */
  readonly case: string;
  readonly step: CompensatableStep | RetriableStep;
  readonly fact: FactKind;
  /** Absent for the undone outcome. */
  readonly rule: Rule | undefined;
};

/** A definition, sorted into what the engine looks up all the time. */
export type Plan = {
  readonly compensatable: readonly CompensatableStep[];
  readonly pivot: PivotStep;
  readonly retriable: readonly RetriableStep[];
  readonly outcomes: readonly Outcome[];
  /** By the full name of the event's type. Every type belongs to one outcome. */
  readonly outcomeOfType: ReadonlyMap<string, Outcome>;
  /** By step and case, such as `reserve-inventory/reserved`. */
  readonly outcomeOfCase: ReadonlyMap<string, Outcome>;
};

const plans = new WeakMap<object, Plan>();

/** The plan of a definition; made once for each definition object. */
export function planOf(definition: Pick<SagaDefinition, "name" | "steps">): Plan {
  const known = plans.get(definition);
  if (known !== undefined) {
    return known;
  }
  const plan = makePlan(definition);
  plans.set(definition, plan);
  return plan;
}

/**
 * Whether a request is made from the saga's state. A mapping that declares no parameter needs none; the
 * state is then neither sent nor decoded for it.
 */
export function needsState(step: CommandStep): boolean {
  return step.request.length > 0;
}

/**
 * Whether anybody looks at the state that the success of a step carries on: a later step before the pivot,
 * or one behind it. If nobody does, it is not carried.
 */
export function carriesState({ compensatable, retriable }: Plan, step: CommandStep): boolean {
  const index = compensatable.findIndex((each) => each === step);
  return index !== -1 && [...compensatable.slice(index + 1), ...retriable].some(needsState);
}

function makePlan({ name, steps }: Pick<SagaDefinition, "name" | "steps">): Plan {
  const pivot = steps.find((step) => step.kind === "pivot");
  if (pivot === undefined) {
    throw new Error(`saga ${name}: it has no pivot`);
  }
  const compensatable = steps.filter((step) => step.kind === "compensatable");
  const retriable = steps.filter((step) => step.kind === "retriable");
  const outcomes = [...compensatable, ...retriable].flatMap(outcomesOfStep);
  return {
    compensatable,
    pivot,
    retriable,
    outcomes,
    outcomeOfType: new Map(outcomes.map((outcome) => [outcome.type.typeName, outcome])),
    outcomeOfCase: new Map(
      outcomes.map((outcome) => [`${outcome.step.name}/${outcome.case}`, outcome]),
    ),
  };
}

function outcomesOfStep(step: CompensatableStep | RetriableStep): Outcome[] {
  const own = casesOf(step.command).map((declared): Outcome => {
    const rule = step.outcomes[declared.case];
    if (rule === undefined) {
      throw new Error(`step ${step.name}: the outcome ${declared.case} has no rule`);
    }
    return { ...declared, step, fact: factOf(rule), rule };
  });
  if (step.kind === "retriable") {
    return own;
  }
  const undone = casesOf(step.undo.command);
  return [
    ...own,
    ...undone.map((declared): Outcome => ({ ...declared, step, fact: "undone", rule: undefined })),
  ];
}

function factOf(rule: Rule): FactKind {
  if (rule.wait !== undefined) {
    return "pending";
  }
  return rule.abort === undefined ? "succeeded" : "refused";
}

/** The cases that a command's reply declares in its `oneof outcome`, with the messages they carry. */
function casesOf(command: DescMethodUnary): { case: string; type: DescMessage }[] {
  const oneof = command.output.oneofs.find(({ localName }) => localName === "outcome");
  return (oneof?.fields ?? []).map((field) => {
    if (field.message === undefined) {
      throw new Error(`${command.output.typeName}: the outcome ${field.name} is not a message`);
    }
    return { case: field.localName, type: field.message };
  });
}
