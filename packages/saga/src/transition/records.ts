import type { SagaDefinition } from "../definition/definition.ts";
import type { Effect, HistoryEntry, Saga, StepStatus } from "./saga.ts";
import { insightOf, isEnd } from "./insight.ts";

/** The saga with everything that is computed from its facts and its decision, which have just grown. */
export function withStanding(definition: SagaDefinition, at: Date, saga: Saga): Saga {
  const { standing } = insightOf(definition, saga);
  return isEnd(standing)
    ? { ...saga, standing, endedAt: at, dueAt: undefined }
    : { ...saga, standing, dueAt: dueAt(definition, at, saga) };
}

/** A due time that is already early enough stays as it is, so that its index need not be touched. */
function dueAt({ limits }: SagaDefinition, at: Date, saga: Saga): Date {
  const { firstMs, jitter } = limits.recovery;
  const silentMs = at.getTime() + firstMs * (1 + jitter);
  const first =
    saga.dueAt !== undefined && saga.dueAt.getTime() <= silentMs ? saga.dueAt : undefined;
  const due = first ?? new Date(silentMs);
  return saga.deadlineAt !== undefined && saga.deadlineAt < due ? saga.deadlineAt : due;
}

/** One entry of the history. */
export function entry(
  { recoveries }: Saga,
  what: {
    readonly step: string;
    readonly status: StepStatus;
    readonly message: string;
    readonly at: Date;
  },
): HistoryEntry {
  const { step, status, message, at } = what;
  return { step, status, message, attempt: 1 + recoveries, time: at };
}

/** An entry for every step that is asked for by a command. */
export function started(saga: Saga, effects: readonly Effect[], at: Date): HistoryEntry[] {
  return effects
    .filter((effect) => effect.kind === "do")
    .map(({ step }) => entry(saga, { step: step.name, status: "STARTED", message: "", at }));
}
