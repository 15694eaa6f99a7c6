import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

import type { Cause } from "./cause.ts";
import { checkDefinition } from "./check-definition.ts";
import type {
  Announcements,
  CompensatableStep,
  PivotStep,
  RetriableStep,
  SagaDefinition,
  Step,
  StepTypes,
  UndoOrder,
} from "./definition.ts";
import type { SagaLimits } from "./limits.ts";
import type { ExactRules, OutcomeOf, RefusableRules, RetriableRules } from "./rules.ts";

/** What a saga is before its first step. */
export type SagaOptions<
  S extends DescMessage,
  Label extends string,
  Wait extends string,
  B extends DescMessage,
  C extends DescMessage,
  A extends DescMessage,
> = {
  /** Grows when the meaning of a running saga would change; old versions stay until they have ended. */
  readonly version: number;
  /** The message that the saga remembers between its steps. */
  readonly state: S;
  readonly limits: SagaLimits<Wait>;
  /** Every word that may be told about the saga's progress. */
  readonly progress: readonly Label[];
  readonly announces: Announcements<NoInfer<S>, B, C, A, NoInfer<Label>>;
  /** Default `together`. */
  readonly undoOrder?: UndoOrder;
};

/** A saga that can still be aborted by its next step. */
export type BeforePivot<
  S extends DescMessage,
  B extends DescMessage,
  Label extends string,
  Wait extends string,
  Steps extends StepTypes,
> = {
  /** A step that can be undone. The undo may arrive before its command or without it. */
  readonly compensatable: <
    const N extends string,
    const O extends string,
    M extends DescMethodUnary,
    U extends DescMethodUnary,
    const R extends RefusableRules<S, M, Wait, Label>,
  >(
    name: N & NewStep<N, Steps>,
    step: {
      readonly owner: O;
      readonly command: M;
      readonly request: (state: MessageShape<S>) => MessageInitShape<M["input"]>;
      readonly outcomes: R & ExactRules<S, M, NoInfer<R>>;
      readonly undo: {
        readonly command: U & UndoneWithCause<U>;
        readonly request: (saga: { readonly cause: Cause }) => MessageInitShape<U["input"]>;
      };
    },
  ) => BeforePivot<
    S,
    B,
    Label,
    Wait,
    Steps | { readonly name: N; readonly owner: O; readonly command: M; readonly undo: U }
  >;

  /** The decision, made by its owner alone. No step after it can abort the saga. */
  readonly pivot: (
    name: string,
    step: { readonly owner: string },
  ) => AfterPivot<S, B, Label, Wait, Steps>;
};

/** A saga that is decided: what follows is repeated until it succeeds. */
export type AfterPivot<
  S extends DescMessage,
  B extends DescMessage,
  Label extends string,
  Wait extends string,
  Steps extends StepTypes,
> = {
  /** A step repeated until it succeeds. Retriable steps follow the decision together, in no order. */
  readonly retriable: <
    const N extends string,
    const O extends string,
    M extends DescMethodUnary,
    const R extends RetriableRules<S, M, Wait, Label>,
  >(
    name: N & NewStep<N, Steps>,
    step: {
      readonly owner: O;
      readonly command: M;
      readonly request: (state: MessageShape<S>) => MessageInitShape<M["input"]>;
      readonly outcomes: R & ExactRules<S, M, NoInfer<R>>;
    },
  ) => AfterPivot<
    S,
    B,
    Label,
    Wait,
    Steps | { readonly name: N; readonly owner: O; readonly command: M; readonly undo: never }
  >;

  /** Checks what the compiler cannot see and returns the definition. Throws a sentence if it is wrong. */
  readonly end: () => SagaDefinition<{
    readonly state: S;
    readonly begun: B;
    readonly label: Label;
    readonly step: Steps;
  }>;
};

/** Begins the definition of a saga. Chain its steps in their order and finish with `end()`. */
export function defineSaga<
  S extends DescMessage,
  const Label extends string,
  Wait extends string,
  B extends DescMessage,
  C extends DescMessage,
  A extends DescMessage,
>(
  name: string,
  options: SagaOptions<S, Label, Wait, B, C, A>,
): BeforePivot<S, B, Label, Wait, never> {
  const { undoOrder = "together", ...facts } = options;
  return chain({ name, undoOrder, ...facts, steps: [] });
}

/** The undo's reply must be one outcome whose message carries the cause back. */
type UndoneWithCause<U extends DescMethodUnary> =
  OutcomeOf<U> extends { value: { cause?: Cause | undefined } } ? unknown : never;

/** Steps are known by name: a saga has each name once. */
type NewStep<N extends string, Steps extends StepTypes> = N extends Steps["name"] ? never : unknown;

/** One builder for both halves; the types above let through only what belongs where it stands. */
function chain<S extends DescMessage>(definition: Untyped & { readonly state: S }) {
  const and = (step: Step) => chain({ ...definition, steps: [...definition.steps, step] });
  return {
    compensatable: (name: string, step: Unnamed<CompensatableStep>) =>
      and({ ...step, kind: "compensatable", name }),
    pivot: (name: string, step: Unnamed<PivotStep>) => and({ ...step, kind: "pivot", name }),
    retriable: (name: string, step: Unnamed<RetriableStep>) =>
      and({ ...step, kind: "retriable", name }),
    end: () => checkDefinition(definition),
  };
}

type Untyped = Omit<SagaDefinition, "~types">;
type Unnamed<T> = Omit<T, "kind" | "name">;
