import type { DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { EventContext, Reaction, UnitOfWork } from "@ordersaga/outbox";

import type { SagaDefinition, StepTypes } from "../definition/definition.ts";

/** One request to a step's owner. Choreographed or orchestrated, it looks the same here. */
export type StepRequest<R = unknown> = {
  readonly request: R;
  /** Keep it with the row, whole, when the answer comes later: `answer` takes it as it is. */
  readonly context: EventContext;
  /** 1 unless the message was held and tried again. */
  readonly attempt: number;
};

/** What an owner does about a set of requests, inside the unit of work that heard them. */
export type StepHandler<M extends DescMethodUnary> = (
  uow: UnitOfWork,
  requests: readonly StepRequest<MessageShape<M["input"]>>[],
) => Promise<void>;

/** The services that a definition gives steps to. The owner of the pivot alone is the coordinator. */
export type OwnersOf<D extends SagaDefinition> = StepOf<D>["owner"];

/** The names of an owner's steps. */
export type StepNamesOf<D extends SagaDefinition, O extends OwnersOf<D>> = OwnStepOf<D, O>["name"];

/** The handlers that an owner must bring: `do` for every step of its own, `undo` where there is one. */
export type HandlersOf<D extends SagaDefinition, O extends OwnersOf<D>> = {
  readonly [N in StepNamesOf<D, O>]: HandlersOfStep<Extract<OwnStepOf<D, O>, { readonly name: N }>>;
};

/** The answer to a request: which step, for which saga, and what came of it. */
export type AnswerOf<D extends SagaDefinition, O extends OwnersOf<D>> = AnswerOfStep<
  OwnStepOf<D, O>
>;

/** One owner's part in a saga. */
export type Participant<
  D extends SagaDefinition = SagaDefinition,
  O extends OwnersOf<D> = OwnersOf<D>,
> = {
  /** What the service reacts to, in both modes. */
  readonly reactions: readonly Reaction[];
  /**
   * Emits the outcome as an event of its own type. Choreographed, a success carries the saga's state on.
   * Every call is a new event: repeat it freely, the saga hears each outcome once.
   */
  readonly answer: (uow: UnitOfWork, answer: AnswerOf<D, O>) => void;
};

/** The init form of a reply's outcome, such as `{ case: "reserved", value: {} }`. */
type OutcomeInit<M extends DescMethodUnary> = [M] extends [never]
  ? never
  : MessageInitShape<M["output"]> extends infer I
    ? I extends { outcome?: infer T }
      ? Extract<T, { case: string }>
      : never
    : never;

type StepOf<D extends SagaDefinition> = NonNullable<D["~types"]>["step"];

type OwnStepOf<D extends SagaDefinition, O extends OwnersOf<D>> = Extract<
  StepOf<D>,
  { readonly owner: O }
>;

type HandlersOfStep<T extends StepTypes> = [T["undo"]] extends [never]
  ? { readonly do: StepHandler<T["command"]> }
  : { readonly do: StepHandler<T["command"]>; readonly undo: StepHandler<T["undo"]> };

type AnswerOfStep<T extends StepTypes> = T extends StepTypes
  ? {
      readonly step: T["name"];
      /** The request's own context, also when it comes from a row. */
      readonly context: EventContext;
      readonly outcome: OutcomeInit<T["command"]> | OutcomeInit<T["undo"]>;
    }
  : never;
