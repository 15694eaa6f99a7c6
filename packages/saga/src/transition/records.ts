import type { SagaDefinition } from "../definition/definition.ts";
import type { Effect, HistoryEntry, Saga, StepStatus } from "./saga.ts";
import { isEnd, standingOf } from "./standing.ts";

/** The saga with everything that is computed from its facts and its decision, which have just grown. */
export function withStanding(definition: SagaDefinition, at: Date, saga: Saga): Saga {
  const standing = standingOf(definition, saga);
  if (isEnd(standing)) {
    return { ...saga, standing, endedAt: at, dueAt: undefined };
  }
  const silentAt = new Date(at.getTime() + definition.limits.recovery.firstMs);
  return { ...saga, standing, dueAt: earliest(silentAt, saga.dueAt, saga.deadlineAt) };
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

/** A due time that is already early enough stays as it is, so that its index need not be touched. */
function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .filter((time) => time !== undefined)
    .reduce((first, time) => (time < first ? time : first));
}
