import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { decodeState, encodeState } from "../definition/carried-state.ts";
import { type Cause, causeOf } from "../definition/cause.ts";
import type {
  CommandStep,
  CompensatableStep,
  RetriableStep,
  SagaDefinition,
} from "../definition/definition.ts";
import { needsState, planOf } from "../definition/plan.ts";

/** One reason for a step's owner to act: a command, or an event that stands for one. */
export type Trigger = {
  /** The message that is heard. */
  readonly on: DescMessage;
  /** Heard of a saga in the other mode, it means nothing. */
  readonly coordination: Coordination;
  readonly step: CompensatableStep | RetriableStep;
  readonly act: "do" | "undo";
  /** Undo and finish are tried for ever. */
  readonly isUnlimited: boolean;
  /** Makes the step's own request from what was heard. */
  readonly read: (heard: { readonly payload: Message; readonly state: Uint8Array }) => Asked;
};

/** A request as its message, and the saga's state to be carried on with the answer. */
export type Asked = { readonly request: Message; readonly state: Uint8Array };

/** Everything that makes an owner act, in both modes, derived from the definition. */
export function triggersOf(definition: SagaDefinition, owner: string): readonly Trigger[] {
  const { compensatable, retriable } = planOf(definition);
  const triggers = [
    ...compensatable.flatMap((step) => doTriggers(definition, step)),
    ...compensatable.toReversed().flatMap((step) => undoTriggers(definition, step)),
    ...retriable.flatMap((step) => finishTriggers(definition, step)),
  ];
  return triggers.filter(({ step }) => step.owner === owner);
}

const choreographed = { coordination: Coordination.CHOREOGRAPHY } as const;
const orchestrated = { coordination: Coordination.ORCHESTRATION } as const;
const noState = new Uint8Array();

/** The first step follows the beginning, every other one the success of the step before it. */
function doTriggers(definition: SagaDefinition, step: CompensatableStep): Trigger[] {
  const { compensatable, outcomes } = planOf(definition);
  const { begun } = definition.announces;
  const act = { step, act: "do", isUnlimited: false } as const;
  const before = compensatable[compensatable.indexOf(step) - 1];
  const events: Trigger[] =
    before === undefined
      ? [{ ...act, ...choreographed, on: begun.event, read: fromBegun }]
      : outcomes
          .filter((outcome) => outcome.step === before && outcome.fact === "succeeded")
          .map(({ type }) => ({ ...act, ...choreographed, on: type, read: fromState }));
  return [...events, { ...act, ...orchestrated, on: step.command.input, read: asItIs }];

  function fromBegun({ payload }: { readonly payload: Message }): Asked {
    const state = create(definition.state, begun.state(payload));
    const request = create(step.command.input, step.request(state));
    return { request, state: encodeState(definition, state) };
  }

  function fromState({ state }: { readonly state: Uint8Array }): Asked {
    return fromCarried(definition, step, state);
  }
}

/** An undo follows the decision against the saga, or early the refusal of a later step. */
function undoTriggers(definition: SagaDefinition, step: CompensatableStep): Trigger[] {
  const { compensatable, outcomes } = planOf(definition);
  const { aborted } = definition.announces;
  const act = { step, act: "undo", isUnlimited: true } as const;
  const later: readonly CommandStep[] = compensatable.slice(compensatable.indexOf(step) + 1);
  const refusals = outcomes
    .filter((outcome) => outcome.fact === "refused" && later.includes(outcome.step))
    .map(({ type, rule }) => ({
      ...act,
      ...choreographed,
      on: type,
      read: ({ payload }: { readonly payload: Message }) => because(rule?.abort?.(payload)),
    }));
  return [
    {
      ...act,
      ...choreographed,
      on: aborted.event,
      read: ({ payload }) => because(aborted.cause(payload)),
    },
    ...refusals,
    { ...act, ...orchestrated, on: step.undo.command.input, read: asItIs },
  ];

  function because(cause: Cause | undefined): Asked {
    const init = step.undo.request({ cause: causeOf(cause) });
    return { request: create(step.undo.command.input, init), state: noState };
  }
}

/** What follows the decision follows it together. */
function finishTriggers(definition: SagaDefinition, step: RetriableStep): Trigger[] {
  const act = { step, act: "do", isUnlimited: true } as const;
  const { event } = definition.announces.confirmed;
  return [
    {
      ...act,
      ...choreographed,
      on: event,
      read: ({ state }) => fromCarried(definition, step, state),
    },
    { ...act, ...orchestrated, on: step.command.input, read: asItIs },
  ];
}

function fromCarried(definition: SagaDefinition, step: CommandStep, state: Uint8Array): Asked {
  const whole = needsState(step) ? decodeState(definition, state) : create(definition.state);
  return { request: create(step.command.input, step.request(whole)), state };
}

function asItIs({ payload }: { readonly payload: Message }): Asked {
  return { request: payload, state: noState };
}
