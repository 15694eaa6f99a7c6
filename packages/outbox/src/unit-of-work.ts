import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

/** One parameterised SQL statement. It is prepared once per connection under its name. */
export type Statement<_Row> = {
  readonly name: string;
  readonly text: string;
};

/** What every event says about the saga it belongs to; empty strings when it belongs to none. */
export type EventContext = {
  /** 32 hex digits, or empty. */
  readonly sagaId: string;
  readonly sessionId: string;
  /** W3C trace context of what caused the event, or empty. */
  readonly traceparent: string;
  readonly definitionVersion: number;
  readonly coordination: Coordination;
  /** Encoded state of a choreographed saga, or empty. */
  readonly state: Uint8Array;
};

/** One event or command on its way out. */
export type OutgoingEvent<M extends DescMessage = DescMessage> = {
  readonly type: M;
  readonly payload: MessageInitShape<M>;
  readonly context: EventContext;
};

/**
 * One database transaction. Everything it emits is written to the outbox by the transaction itself, all
 * events of one type in one envelope, and handed to the relay after the commit.
 */
export type UnitOfWork = {
  /** Statements are sent at once, in the order of the calls; nothing waits for an answer but the caller. */
  readonly query: <Row>(statement: Statement<Row>, values: readonly unknown[]) => Promise<Row[]>;
  readonly emit: <M extends DescMessage>(event: OutgoingEvent<M>) => void;
  /** Runs after the commit; never after a rollback. It must not throw. */
  readonly afterCommit: (action: () => void) => void;
};

/** Runs units of work against one database. */
export type UnitsOfWork = {
  /**
   * Begins, runs the work, writes the outbox, commits. A thrown error rolls everything back and is
   * thrown again: connection loss and serialisation trouble as a TransientError, a unique violation as
   * an AppError `CONFLICT`, any other error of PostgreSQL as `INTERNAL`.
   *
   * On a conflict, a deadlock or a serialisation failure the work is run again at once, a few times,
   * before that error is thrown: it must start from its arguments each time and leave nothing in memory
   * that a second run would double. A connection lost during COMMIT is a TransientError although the
   * commit may have happened: whoever repeats the work must be idempotent, by inbox or natural key.
   */
  readonly run: <T>(work: (uow: UnitOfWork) => Promise<T>) => Promise<T>;
};
