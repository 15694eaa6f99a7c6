import type {
  DescMessage,
  DescMethodUnary,
  Message,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

import type { Cause } from "./cause.ts";
import type { AbortedAs, SagaLimits } from "./limits.ts";

/** What the compiler knows about one step. */
export type StepTypes = {
  readonly name: string;
  readonly owner: string;
  readonly command: DescMethodUnary;
  /** `never` for a step that cannot be undone. */
  readonly undo: DescMethodUnary;
};

/** What the compiler knows about a whole saga. */
export type SagaTypes = {
  readonly state: DescMessage;
  readonly begun: DescMessage;
  readonly label: string;
  /** One of all its steps but the pivot. */
  readonly step: StepTypes;
};

/**
 * A saga as data and pure mappings. Everything that runs, draws or explores a saga reads this. Make one
 * with `defineSaga`; the type parameter remembers the steps for `participate`.
 */
export type SagaDefinition<T extends SagaTypes = SagaTypes> = {
  readonly name: string;
  /** A saga finishes on the version it began with. */
  readonly version: number;
  readonly state: T["state"];
  readonly limits: SagaLimits;
  /** Every label of progress, as declared. */
  readonly progress: readonly string[];
  readonly undoOrder: UndoOrder;
  readonly announces: Announcements;
  /** Compensatable steps in order, then the pivot, then the retriable steps. */
  readonly steps: readonly Step[];
  /** Never set: it only carries the types. */
  readonly "~types"?: T;
};

/** The labels of progress that a definition declares. */
export type ProgressOf<D extends SagaDefinition> = NonNullable<D["~types"]>["label"];

/** Orchestrated: undo all steps together, or one after the other beginning with the newest. */
export type UndoOrder = "together" | "newest-first";

/** The three events by which a saga's coordinator tells the world what was decided. */
export type Announcements<
  S extends DescMessage = DescMessage,
  B extends DescMessage = DescMessage,
  C extends DescMessage = DescMessage,
  A extends DescMessage = DescMessage,
  Label extends string = string,
> = {
  /** The saga was begun. The event carries all that any step needs. */
  readonly begun: {
    readonly event: B;
    readonly as: Label;
    payload(this: void, state: MessageShape<S>): MessageInitShape<B>;
    state(this: void, payload: MessageShape<B>): MessageInitShape<S>;
  };
  /** It was decided for good. */
  readonly confirmed: {
    readonly event: C;
    readonly as: Label;
    payload(this: void, saga: { readonly id: string }): MessageInitShape<C>;
  };
  /** It was decided against. Undo needs only this event and its context. */
  readonly aborted: {
    readonly event: A;
    readonly as: Readonly<Record<AbortedAs, Label>>;
    payload(this: void, saga: { readonly id: string; readonly cause: Cause }): MessageInitShape<A>;
    cause(this: void, payload: MessageShape<A>): Cause | undefined;
  };
};

export type Step = CompensatableStep | PivotStep | RetriableStep;

/** A step that can be undone: before the pivot. */
export type CompensatableStep = {
  readonly kind: "compensatable";
  readonly undo: Undo;
} & CommandStep;

/** The decision, local to its owner: the last moment at which the saga can be aborted. */
export type PivotStep = { readonly kind: "pivot"; readonly name: string; readonly owner: string };

/** A step that is repeated until it succeeds: after the pivot. */
export type RetriableStep = { readonly kind: "retriable" } & CommandStep;

/** What the steps that are commands have in common. */
export type CommandStep = {
  readonly name: string;
  /** The service that does it. */
  readonly owner: string;
  readonly command: DescMethodUnary;
  request(this: void, state: Message): Record<string, unknown>;
  readonly outcomes: Readonly<Record<string, Rule>>;
};

export type Undo = {
  readonly command: DescMethodUnary;
  request(this: void, saga: { readonly cause: Cause }): Record<string, unknown>;
};

/** What one outcome means, whatever its types are. */
export type Rule = {
  readonly as?: string;
  advance?(this: void, outcome: Message, state: Message): object;
  abort?(this: void, outcome: Message): Cause;
  readonly wait?: string;
};
