import type { DescMessage, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";

import type { Cause } from "./cause.ts";

/** The fields of the state that an outcome fills in; every other field stays as it was. */
export type Patch<S extends DescMessage> = {
  readonly [K in Exclude<keyof MessageShape<S>, "$typeName" | "$unknown">]?: MessageShape<S>[K];
};

/** The cases of the oneof named `outcome` that the reply of a saga's command carries. */
export type OutcomeOf<M extends DescMethodUnary> =
  MessageShape<M["output"]> extends { outcome: infer O } ? Extract<O, { case: string }> : never;

/** Forward: the outcome is a success. What it carries may fill in the state. */
export type AdvanceRule<S extends DescMessage, V, Label extends string> = {
  readonly advance: (outcome: V, state: MessageShape<S>) => Patch<S>;
  /** What is told about the saga's progress from now on. */
  readonly as?: Label;
  readonly abort?: never;
  readonly wait?: never;
};

/** Backward: the outcome is a refusal. It closes the steps behind it and decides against the saga. */
export type AbortRule<V> = {
  readonly abort: (outcome: V) => Cause;
  readonly as?: never;
  readonly advance?: never;
  readonly wait?: never;
};

/** Not final: the outcome selects another time limit, nothing else. */
export type WaitRule<Wait extends string, Label extends string> = {
  /** Name of one of the limits' `waits`. */
  readonly wait: Wait;
  readonly as?: Label;
  readonly advance?: never;
  readonly abort?: never;
};

/**
 * Exactly one rule per outcome that the proto declares, for a step that may refuse. The conditional type
 * around the mapped one is what lets the compiler infer the parameters of the rules.
 */
export type RefusableRules<
  S extends DescMessage,
  M extends DescMethodUnary,
  Wait extends string,
  Label extends string,
> = [OutcomeOf<M>] extends [infer O extends OutcomeShape]
  ? {
      readonly [C in O["case"]]:
        | AdvanceRule<S, ValueOf<O, C>, Label>
        | AbortRule<ValueOf<O, C>>
        | WaitRule<Wait, Label>;
    }
  : never;

/** Exactly one rule per outcome that the proto declares, for a step that must succeed at last. */
export type RetriableRules<
  S extends DescMessage,
  M extends DescMethodUnary,
  Wait extends string,
  Label extends string,
> = [OutcomeOf<M>] extends [infer O extends OutcomeShape]
  ? {
      readonly [C in O["case"]]: AdvanceRule<S, ValueOf<O, C>, Label> | WaitRule<Wait, Label>;
    }
  : never;

/**
 * Makes a rule for an outcome that the reply does not have a type error, and a patch with a field that
 * the state does not have, whatever else they contain.
 */
export type ExactRules<S extends DescMessage, M extends DescMethodUnary, R> = {
  readonly [C in keyof R]: C extends OutcomeOf<M>["case"]
    ? R[C] extends { advance: (...values: never[]) => infer P }
      ? [Exclude<keyof P, keyof Patch<S>>] extends [never]
        ? unknown
        : { readonly advance: `The state has no ${Exclude<keyof P, keyof Patch<S>> & string}` }
      : unknown
    : `The reply has no outcome ${C & string}`;
};

type OutcomeShape = { case: string; value?: unknown };
type ValueOf<O extends OutcomeShape, C extends string> = Extract<O, { case: C }>["value"];
