import type { SagaDefinition } from "../definition/definition.ts";
import type { Effect, HistoryEntry, Saga, StepStatus } from "./saga.ts";
import { isEnd, standingOf } from "./standing.ts";

/** The saga with everything that is computed from its facts and its decision. */
export function withStanding(definition: SagaDefinition, at: Date, saga: Saga): Saga {
  const standing = standingOf(definition, saga);
  return isEnd(standing)
    ? { ...saga, standing, endedAt: at, dueAt: undefined }
    : { ...saga, standing, dueAt: earlier(saga.dueAt, saga.deadlineAt) };
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

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one;
}
