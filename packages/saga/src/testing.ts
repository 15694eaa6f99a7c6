import assert from "node:assert/strict";

import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { subjectOf } from "@ordersaga/outbox";

import { messageOf } from "./coordinator/speak.ts";
import { advanceState, encodeState } from "./definition/carried-state.ts";
import type { Cause } from "./definition/cause.ts";
import type { ProgressOf, SagaDefinition } from "./definition/definition.ts";
import type { AbortedAs } from "./definition/limits.ts";
import { carriesState, planOf } from "./definition/plan.ts";
import { beginSaga } from "./transition/begin-saga.ts";
import type { DecidedAs, Saga, SagaStatus, Transition } from "./transition/saga.ts";
import { isOrchestrated } from "./transition/sayings.ts";
import { type SagaInput, transition } from "./transition/transition.ts";

// The pure parts of coordinator and participant, for those who drive them without a bus or a database.
export { messageOf } from "./coordinator/speak.ts";
export { encodeState } from "./definition/carried-state.ts";
export { versionsOf } from "./definition/versions.ts";
export { answerWith } from "./participant/answer.ts";

/** What happens to a saga in a specification. */
export type Happening =
  | { readonly kind: "heard"; readonly event: Message }
  | { readonly kind: "asked"; readonly as: AbortedAs; readonly cause: Cause }
  | { readonly kind: "passed"; readonly ms: number }
  | { readonly kind: "said-again" };

/** What a specification may claim; what is left out is not looked at. */
export type Expectation<Label extends string = string> = {
  /** What the coordinator said because of the last happening, such as `order-confirmed`. */
  readonly says?: readonly string[];
  readonly progress?: Label;
  readonly status?: SagaStatus;
  readonly waitsFor?: string;
  readonly decided?: DecidedAs | undefined;
  readonly because?: string;
  /** The history's new entries since the last happening, such as `reserve-inventory SUCCEEDED`. */
  readonly records?: readonly string[];
};

/** A saga in a specification: `given(…).when(…).expect(…).when(…)`. */
export type SagaSpecification<Label extends string = string> = {
  readonly when: (happening: Happening) => SagaSpecification<Label>;
  readonly expect: (expectation: Expectation<Label>) => SagaSpecification<Label>;
  readonly saga: Saga;
};

/** A saga that was just begun, in a mode; choreographed unless said otherwise. */
export function given<D extends SagaDefinition>(
  definition: D,
  begun: MessageInitShape<NonNullable<D["~types"]>["begun"]>,
  coordination: Coordination = Coordination.CHOREOGRAPHY,
): SagaSpecification<ProgressOf<D>> {
  const { event, state } = definition.announces.begun;
  const at = new Date("2026-01-01T00:00:00.000Z");
  const made = beginSaga(definition, {
    id: "019b76da0c007abc8def0123456789ab",
    sessionId: "test",
    coordination,
    traceparent: "",
    state: encodeState(definition, state(create(event, begun))),
    at,
    dueAt: new Date(at.getTime() + definition.limits.recovery.firstMs),
  });
  return specification(definition, made, at);
}

/** An outcome is heard; choreographed, it carries the state that its participant would carry on. */
export function heard<M extends DescMessage>(type: M, init?: MessageInitShape<M>): Happening {
  return { kind: "heard", event: create(type, init) };
}

/** Somebody asks for the saga's end. */
export function asked(as: AbortedAs, cause: Cause): Happening {
  return { kind: "asked", as, cause };
}

/** Time passes, and the scanner looks whether the saga's limit has. */
export function passed(ms: number): Happening {
  return { kind: "passed", ms };
}

/** Recovery says the saga again. */
export const saidAgain: Happening = { kind: "said-again" };

function specification<Label extends string>(
  definition: SagaDefinition,
  last: Transition,
  at: Date,
): SagaSpecification<Label> {
  const { saga } = last;
  const specified: SagaSpecification<Label> = {
    saga,
    when: (happening) => {
      const input = inputOf(definition, saga, happening, at);
      return specification(definition, transition(definition, saga, input), input.at);
    },
    expect: (expectation) => {
      const actual: Required<Expectation> = {
        says: last.effects.map((effect) => wordOf(definition, saga, effect)),
        progress: saga.standing.progress,
        status: saga.standing.status,
        waitsFor: saga.standing.currentStep,
        decided: saga.decision?.as,
        because: saga.decision?.cause.code ?? "",
        records: last.history.map(({ step, status }) => `${step} ${status}`),
      };
      const claimed = Object.keys(expectation) as (keyof Expectation)[];
      assert.deepEqual(Object.fromEntries(claimed.map((key) => [key, actual[key]])), expectation);
      return specified;
    },
  };
  return specified;
}

function inputOf(
  definition: SagaDefinition,
  saga: Saga,
  happening: Happening,
  now: Date,
): SagaInput {
  switch (happening.kind) {
    case "heard": {
      const { event } = happening;
      return { kind: "outcome", event, state: carried(definition, saga, event), at: now };
    }
    case "asked":
      return { kind: "abort", as: happening.as, cause: happening.cause, at: now };
    case "passed":
      return { kind: "time-limit", at: new Date(now.getTime() + happening.ms) };
    case "said-again":
      return { kind: "recovery", at: now };
    default:
      return happening satisfies never;
  }
}

function carried(definition: SagaDefinition, saga: Saga, event: Message): Uint8Array {
  const plan = planOf(definition);
  const outcome = plan.outcomeOfType.get(event.$typeName);
  const isCarried =
    outcome?.fact === "succeeded" && !isOrchestrated(saga) && carriesState(plan, outcome.step);
  return isCarried && outcome.rule !== undefined
    ? advanceState(definition, outcome.rule, event, saga.state)
    : new Uint8Array();
}

function wordOf(
  definition: SagaDefinition,
  saga: Saga,
  effect: Transition["effects"][number],
): string {
  return (
    subjectOf(messageOf(definition, saga, effect).type)
      .split(".")
      .at(-1) ?? ""
  );
}
