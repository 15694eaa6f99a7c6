import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { Clock, Rng } from "@ordersaga/kernel";
import type { Reaction, UnitOfWork, UnitsOfWork } from "@ordersaga/outbox";

import type { Cause } from "../definition/cause.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import type { AbortedAs, SagaLimits } from "../definition/limits.ts";
import type { DecidedAs } from "../transition/saga.ts";

/** One saga to begin. */
export type Begin<B extends DescMessage = DescMessage> = {
  /** UUIDv7, with or without dashes. */
  readonly sagaId: string;
  readonly sessionId: string;
  readonly coordination: Coordination;
  /** W3C trace context, or empty. */
  readonly traceparent: string;
  /** Payload of the event by which the saga is announced. */
  readonly data: MessageInitShape<B>;
};

/** Somebody wants an undecided saga to end. */
export type AbortRequest = {
  readonly sagaId: string;
  readonly sessionId: string;
  readonly as: AbortedAs;
  readonly cause: Cause;
};

/** What became of one request to abort, in the order of the requests. */
export type AbortResult = {
  /** 32 hex digits. */
  readonly sagaId: string;
  readonly sessionId: string;
  /**
   * - `DECIDED`: by this request.
   * - `ALREADY`: it had been decided so before; nothing changed.
   * - `OTHERWISE`: it had been decided in another way; nothing changed.
   * - `NOT_FOUND`: this session has no such saga.
   */
  readonly result: "DECIDED" | "ALREADY" | "OTHERWISE" | "NOT_FOUND";
  /** How it is decided now; undefined when it was not found. */
  readonly decision?: DecidedAs;
};

/** Somebody does not want to wait for recovery. */
export type SayAgainRequest = { readonly sagaId: string; readonly sessionId: string };

/** What became of one request to say a saga again, in the order of the requests. */
export type SayAgainResult = {
  /** 32 hex digits. */
  readonly sagaId: string;
  readonly sessionId: string;
  /**
   * - `SAID`: in new envelopes.
   * - `ENDED`: there is nothing that it waits for; nothing was said.
   * - `NOT_FOUND`: this session has no such saga.
   */
  readonly result: "SAID" | "ENDED" | "NOT_FOUND";
};

/** Owns the sagas' rows: decides, keeps the history, watches the limits and says things again. */
export type Coordinator<B extends DescMessage = DescMessage> = {
  /** Every outcome of every definition, in both modes. */
  readonly reactions: readonly Reaction[];
  /** Writes the rows and announces the sagas, in the caller's unit of work. */
  readonly begin: (uow: UnitOfWork, begun: readonly Begin<B>[]) => Promise<void>;
  /** Decides against sagas that are undecided; says of each what became of it. */
  readonly abort: (
    uow: UnitOfWork,
    requests: readonly AbortRequest[],
  ) => Promise<readonly AbortResult[]>;
  /** Says again, now, what sagas are waiting for; says of each what became of it. */
  readonly sayAgain: (
    uow: UnitOfWork,
    requests: readonly SayAgainRequest[],
  ) => Promise<readonly SayAgainResult[]>;
  /** Calls back after every commit that changed sagas, with their ids as 32 hex digits. */
  readonly onChange: (listener: (sagaIds: readonly string[]) => void) => Disposable;
  /** Looks once for sagas past a limit or without progress; returns how many it handled. */
  readonly scan: () => Promise<number>;
  /** Scans again and again until it is disposed of. */
  readonly startScanner: () => AsyncDisposable;
};

/** What a coordinator is made of. */
export type CoordinatorOptions<D extends SagaDefinition> = {
  /** New sagas begin with the first; the others are versions that may still be running. */
  readonly definitions: readonly [D, ...SagaDefinition[]];
  readonly unitsOfWork: UnitsOfWork;
  readonly clock: Clock;
  readonly rng: Rng;
  /** The deployment's limits instead of the definitions' own. */
  readonly limits?: SagaLimits;
  /** How often the scanner looks. Default 1000 ms. */
  readonly scanEveryMs?: number;
  /** At most this many sagas in one unit of work of the scanner. Default 500. */
  readonly scanBatch?: number;
  readonly log: CoordinatorLog;
};

/** The part of the logger that the coordinator needs. */
export type CoordinatorLog = {
  readonly warn: (fields: object, sentence: string) => void;
  readonly error: (fields: object, sentence: string) => void;
};
