import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { SagaDefinition } from "../definition/definition.ts";
import { planOf } from "../definition/plan.ts";
import type { Effect, Saga } from "./saga.ts";
import { awaited, isEnd, isKnown, unacknowledged } from "./standing.ts";

/**
 * What the coordinator says of a saga at every recovery, computed from its row and from nothing else.
 * Source: PROTOCOL, "What the order says".
 */
export function sayings(definition: SagaDefinition, saga: Saga): readonly Effect[] {
  if (isEnd(saga.standing)) {
    return [];
  }
  return isOrchestrated(saga) ? commands(definition, saga) : [announcement(saga)];
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

/** The commands that an orchestrated saga is waiting for the answers of; none when it has ended. */
export function commands(definition: SagaDefinition, saga: Saga): readonly Effect[] {
  const plan = planOf(definition);
  if (saga.decision === undefined) {
    const step = awaited(plan, saga);
    return step === undefined ? [] : [{ kind: "do", step }];
  }
  if (saga.decision.as === "CONFIRMED") {
    return plan.retriable
      .filter((step) => !isKnown(saga, step, "succeeded"))
      .map((step) => ({ kind: "do", step }));
  }
  const open = unacknowledged(plan, saga);
  const now = definition.undoOrder === "together" ? open : open.slice(0, 1);
  return now.map((step) => ({ kind: "undo", step }));
}
