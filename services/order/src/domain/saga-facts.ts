import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { Order } from "./order.ts";

/** What is shown of the saga that carries an order. */
export type SagaFacts = {
  /** UUIDv7 with dashes; the order has the same id. */
  readonly id: string;
  readonly sessionId: string;
  /** Name of a `SagaStatus`. */
  readonly status: string;
  /** Name of an `OrderStatus`: how far the order has come. */
  readonly progress: string;
  /** Why it was decided against; empty otherwise. */
  readonly reason: string;
  /** Empty at the end. */
  readonly currentStep: string;
  readonly coordination: Coordination;
  readonly definitionVersion: number;
  /** Oldest first; it only grows. */
  readonly history: readonly StepFacts[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | undefined;
  readonly deadlineAt: Date | undefined;
  readonly recoveries: number;
};

/** One entry of a saga's history. */
export type StepFacts = {
  readonly step: string;
  /** Name of a `StepStatus`. */
  readonly status: string;
  readonly message: string;
  readonly attempt: number;
  readonly time: Date;
};

/** An order and where it stands. */
export type StandingOrder = { readonly order: Order; readonly saga: SagaFacts };
