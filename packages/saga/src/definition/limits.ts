import type { RetryPolicy } from "@ordersaga/kernel";

import type { Cause } from "./cause.ts";

/** How a saga that was begun can be decided against: by itself, or because somebody asked for it. */
export type AbortedAs = "FAILED" | "CANCELLED";

/** A span of time after which an undecided saga is decided against. */
export type TimeLimit = {
  readonly withinMs: number;
  readonly decides: AbortedAs;
  readonly cause: Cause;
};

/** Every limit of a saga. All spans are milliseconds. They survive restarts: the table holds the due times. */
export type SagaLimits<Wait extends string = string> = {
  /** From the beginning to the decision, unless a step has said that it waits. */
  readonly undecided: TimeLimit;
  /** From the moment a step said that it waits, by the names that `{ wait: … }` rules use. */
  readonly waits: Readonly<Record<Wait, TimeLimit>>;
  /** Unfinished for longer than this, and not waiting, a saga raises an alarm. It decides nothing. */
  readonly alarmAfterMs: number;
  /** Orchestrated: how long a step may take to answer before it is asked again. */
  readonly replyWithinMs: number;
  /**
   * When a saga without progress is said again: first after `firstMs`, then each time after `factor`
   * times the silence so far, at most `maxMs` apart. `attempts` is not used: recovery never gives up.
   */
  readonly recovery: RetryPolicy;
  /** How often a participant tries a message that fails for a technical reason. */
  readonly retry: RetryPolicy;
};
