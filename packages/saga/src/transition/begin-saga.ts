import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { SagaDefinition } from "../definition/definition.ts";
import { planOf } from "../definition/plan.ts";
import { insightOf } from "./insight.ts";
import type { Saga, Transition } from "./saga.ts";
import { announcement, isOrchestrated } from "./sayings.ts";

/** The beginning of a saga: it is announced, and an orchestrated one asks its first step. */
export function beginSaga(
  definition: SagaDefinition,
  begun: {
    readonly id: string;
    readonly sessionId: string;
    readonly coordination: Coordination;
    readonly traceparent: string;
    readonly state: Uint8Array;
    readonly at: Date;
    readonly dueAt: Date;
  },
): Transition {
  const { at, ...given } = begun;
  const known = { facts: [], decision: undefined };
  const { standing, commands } = insightOf(definition, known);
  const saga: Saga = {
    ...given,
    ...known,
    name: definition.name,
    version: definition.version,
    standing,
    createdAt: at,
    updatedAt: at,
    endedAt: undefined,
    deadlineAt: new Date(at.getTime() + definition.limits.undecided.withinMs),
    recoveries: 0,
  };
  const step = planOf(definition).compensatable[0]?.name ?? "";
  return {
    saga,
    effects: [announcement(saga), ...(isOrchestrated(saga) ? commands : [])],
    history: [{ step, status: "STARTED", message: "", attempt: 1, time: at }],
  };
}
