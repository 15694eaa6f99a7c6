import { create, type DescMessage } from "@bufbuild/protobuf";
import { uuidOf } from "@ordersaga/kernel";
import type { EventContext, OutgoingEvent } from "@ordersaga/outbox";

import { decodeState } from "../definition/carried-state.ts";
import { causeOf } from "../definition/cause.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import { needsState, planOf } from "../definition/plan.ts";
import type { Effect, Saga } from "../transition/saga.ts";
import { isOrchestrated } from "../transition/sayings.ts";

/** The message by which the coordinator says one thing about a saga. */
export function messageOf(definition: SagaDefinition, saga: Saga, effect: Effect): OutgoingEvent {
  const cause = causeOf(saga.decision?.cause);
  switch (effect.kind) {
    case "do": {
      const { command, request } = effect.step;
      return outgoing(
        saga,
        command.input,
        request(stateFor(definition, saga, needsState(effect.step))),
      );
    }
    case "undo": {
      const { command, request } = effect.step.undo;
      return outgoing(saga, command.input, request({ cause }));
    }
    default:
      return announce(definition, saga, effect.what);
  }
}

/** What every event of a saga says about it. */
export function contextOf(saga: Saga, state: Uint8Array = noState): EventContext {
  return {
    sagaId: saga.id,
    sessionId: saga.sessionId,
    traceparent: saga.traceparent,
    definitionVersion: saga.version,
    coordination: saga.coordination,
    state,
  };
}

function announce(
  definition: SagaDefinition,
  saga: Saga,
  what: "begun" | "confirmed" | "aborted",
): OutgoingEvent {
  const { begun, confirmed, aborted } = definition.announces;
  const id = uuidOf(saga.id) ?? saga.id;
  switch (what) {
    case "begun":
      return outgoing(saga, begun.event, begun.payload(stateFor(definition, saga, true)));
    case "confirmed": {
      const isNeeded = !isOrchestrated(saga) && planOf(definition).retriable.some(needsState);
      const state = isNeeded ? saga.state : noState;
      return outgoing(saga, confirmed.event, confirmed.payload({ id }), state);
    }
    case "aborted":
      return outgoing(
        saga,
        aborted.event,
        aborted.payload({ id, cause: causeOf(saga.decision?.cause) }),
      );
    default:
      return what satisfies never;
  }
}

function stateFor(definition: SagaDefinition, saga: Saga, isNeeded: boolean) {
  return isNeeded ? decodeState(definition, saga.state) : create(definition.state);
}

function outgoing(
  saga: Saga,
  type: DescMessage,
  payload: Record<string, unknown>,
  state?: Uint8Array,
): OutgoingEvent {
  return { type, payload, context: contextOf(saga, state) };
}

const noState = new Uint8Array();
