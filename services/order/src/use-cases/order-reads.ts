import type { SagaFacts, StandingOrder } from "../domain/saga-facts.ts";

/** One page of a list, newest first. Undefined fields select everything. */
export type OrderFilter = Page & {
  readonly userId: string | undefined;
  /** Name of an `OrderStatus`. */
  readonly status: string | undefined;
};

export type SagaFilter = Page & {
  /** Name of a `SagaStatus`. */
  readonly status: string | undefined;
  readonly currentStep: string | undefined;
  /** Only those whose last progress was at this time or before it. */
  readonly updatedBefore: Date | undefined;
  readonly minRecoveries: number | undefined;
  readonly isUnfinished: boolean;
};

export type Page = {
  /** Undefined looks across sessions. */
  readonly sessionId: string | undefined;
  /** Only those older than the one with this id. */
  readonly before: string | undefined;
  readonly limit: number;
};

/** What can be asked about orders and sagas. A session sees its own; undefined is for operators. */
export type OrderReads = {
  readonly findOrder: (one: One) => Promise<StandingOrder | undefined>;
  readonly findSaga: (one: One) => Promise<SagaFacts | undefined>;
  readonly listOrders: (filter: OrderFilter) => Promise<readonly StandingOrder[]>;
  readonly listSagas: (filter: SagaFilter) => Promise<readonly SagaFacts[]>;
  /** Many at once, of any session: whoever asks knows that the caller may see them. */
  readonly findSagas: (ids: readonly string[]) => Promise<readonly SagaFacts[]>;
};

export type One = {
  /** With dashes. */
  readonly id: string;
  readonly sessionId: string | undefined;
};
