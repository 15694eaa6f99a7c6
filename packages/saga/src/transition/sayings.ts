import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { SagaDefinition } from "../definition/definition.ts";
import { insightOf, isEnd } from "./insight.ts";
import type { Effect, Saga } from "./saga.ts";

/**
 * What the coordinator says of a saga at every recovery, computed from its row and from nothing else.
 * Source: PROTOCOL, "What the order says".
 */
export function sayings(definition: SagaDefinition, saga: Saga): readonly Effect[] {
  if (isEnd(saga.standing)) {
    return [];
  }
  return isOrchestrated(saga) ? insightOf(definition, saga).commands : [announcement(saga)];
}

/** Whether the coordinator conducts this saga by commands. */
export function isOrchestrated({ coordination }: Pick<Saga, "coordination">): boolean {
  return coordination === Coordination.ORCHESTRATION;
}

/** The event that tells how the saga was decided, or that it was begun. */
export function announcement({ decision }: Pick<Saga, "decision">): Effect {
  if (decision === undefined) {
    return { kind: "announce", what: "begun" };
  }
  return { kind: "announce", what: decision.as === "CONFIRMED" ? "confirmed" : "aborted" };
}
