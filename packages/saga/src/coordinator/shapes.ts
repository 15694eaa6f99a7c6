import type { Decision, Saga, Standing } from "../transition/saga.ts";
import type { Changed } from "./saga-store.ts";
import { historyText } from "./stored-history.ts";

/** What sagas of a set that changed in the same way have in common. */
export type Shape = {
  readonly sessionId: string;
  /** JSON. */
  readonly facts: string;
  readonly standing: Standing;
  readonly decision: Decision | undefined;
  /** The new entries, as JSON. */
  readonly history: string;
  readonly updatedAt: Date;
  readonly endedAt: Date | undefined;
  readonly recoveries: number;
};

/** The different shapes of a set and, for each saga in order, the number of its own, counted from 1. */
export function shapesOf(changed: readonly Changed[]): {
  readonly shapes: readonly Shape[];
  readonly shapeOf: readonly number[];
} {
  const shapes: Shape[] = [];
  const numbers = new Map<string, number>();
  const shapeOf = changed.map(({ saga, history }) => {
    const entries = historyText(history);
    const key = keyOf(saga, entries);
    const known = numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    const number = shapes.push(shape(saga, entries));
    numbers.set(key, number);
    return number;
  });
  return { shapes, shapeOf };
}

/** The standing follows from facts and decision; the entries tell when each of them came to be. */
function keyOf(saga: Saga, entries: string): string {
  const { sessionId, facts, decision, updatedAt, endedAt, recoveries } = saga;
  const times = `${updatedAt.getTime()} ${decision?.at.getTime()} ${endedAt?.getTime()}`;
  const cause = `${decision?.as} ${decision?.cause.code} ${decision?.cause.message}`;
  return `${sessionId}\n${facts.join(" ")}\n${times} ${recoveries}\n${cause}\n${entries}`;
}

function shape(saga: Saga, history: string): Shape {
  const { sessionId, facts, standing, decision, updatedAt, endedAt, recoveries } = saga;
  return {
    sessionId,
    facts: JSON.stringify(facts),
    standing,
    decision,
    history,
    updatedAt,
    endedAt,
    recoveries,
  };
}
