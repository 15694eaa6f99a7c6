import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { Cause } from "../definition/cause.ts";
import type { CommandStep, CompensatableStep } from "../definition/definition.ts";
import type { AbortedAs } from "../definition/limits.ts";
import type { FactKind } from "../definition/plan.ts";

/** One thing that is known for good: the step's name and what was established about it. */
export type Fact = `${string}:${FactKind}`;

/** How a saga was decided; written once and never derived again. */
export type DecidedAs = "CONFIRMED" | AbortedAs;

/** The decision with its reason. The cause of a confirmed saga is empty. */
export type Decision = { readonly as: DecidedAs; readonly cause: Cause; readonly at: Date };

/** Where a saga stands; `COMPLETED`, `COMPENSATED` and `FAILED` are its ends. */
export type SagaStatus =
  | "STARTED"
  | "IN_PROGRESS"
  | "COMPLETED"
  | "COMPENSATING"
  | "COMPENSATED"
  | "FAILED";

/** Everything the coordinator knows of one saga, but its history. It is one row of the saga table. */
export type Saga = {
  /** 32 hex digits; also the trace id. */
  readonly id: string;
  readonly sessionId: string;
  readonly name: string;
  readonly version: number;
  readonly coordination: Coordination;
  /** W3C trace context of the saga, or empty. */
  readonly traceparent: string;
  /** The encoded state message. */
  readonly state: Uint8Array;
  /** A set that only grows. */
  readonly facts: readonly Fact[];
  readonly decision: Decision | undefined;
  /** Computed from the facts and the decision, and stored so that it can be asked for. */
  readonly standing: Standing;
  readonly createdAt: Date;
  /** When the last fact was learnt; recovery does not change it. */
  readonly updatedAt: Date;
  readonly endedAt: Date | undefined;
  /** When it is decided against if it is undecided by then. */
  readonly deadlineAt: Date | undefined;
  /** When the scanner looks at it next, at the latest; undefined once it has ended. */
  readonly dueAt: Date | undefined;
  /** How often it was said again. */
  readonly recoveries: number;
};

/** What is told about a saga. */
export type Standing = {
  readonly status: SagaStatus;
  /** One of the labels that the definition declares. */
  readonly progress: string;
  /** The step whose answer is awaited; empty at the end. */
  readonly currentStep: string;
};

/** What one entry of a saga's history tells. */
export type StepStatus = "STARTED" | "PENDING" | "SUCCEEDED" | "REFUSED" | "UNDONE" | "ABORTED";

/** One entry of the history: something that became known, or was asked for, about one step. */
export type HistoryEntry = {
  readonly step: string;
  readonly status: StepStatus;
  readonly message: string;
  /** 1, and one more for every time that the saga had been said again by then. */
  readonly attempt: number;
  readonly time: Date;
};

/** What the coordinator is to say. */
export type Effect =
  | { readonly kind: "announce"; readonly what: "begun" | "confirmed" | "aborted" }
  | { readonly kind: "do"; readonly step: CommandStep }
  | { readonly kind: "undo"; readonly step: CompensatableStep };

/** What one input makes of a saga. */
export type Transition = {
  /** The very same object when nothing changed. */
  readonly saga: Saga;
  readonly effects: readonly Effect[];
  /** New entries of the history, in order. */
  readonly history: readonly HistoryEntry[];
};
