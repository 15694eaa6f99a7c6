import type { DescMessage, MessageShape } from "@bufbuild/protobuf";

import type { EventContext, UnitOfWork } from "./unit-of-work.ts";

/** One event as a handler sees it. */
export type IncomingEvent<M extends DescMessage = DescMessage> = {
  /** Stays the same through redelivery and redrive. */
  readonly id: string;
  readonly envelopeId: string;
  readonly type: M;
  readonly payload: MessageShape<M>;
  readonly context: EventContext;
  /** When the envelope was written. */
  readonly createTime: Date;
  /** 1 unless the event was held and tried again. */
  readonly attempt: number;
};

/**
 * What a service does about one type of message. The handler gets all waiting events of the type as one
 * set, in order, inside one unit of work; the inbox has already left out what was handled before. It may
 * be called again with the same events after a rollback, one by one when the set failed. It never
 * publishes, sleeps, retries or acknowledges.
 */
export type Reaction<M extends DescMessage = DescMessage> = {
  readonly type: M;
  readonly handle: (uow: UnitOfWork, events: readonly IncomingEvent<M>[]) => Promise<void>;
  /** Undo and finish are tried for ever: a dead letter of theirs is only an alarm. Default false. */
  readonly isUnlimited?: boolean;
};

/** A reaction to one type as one of a table of reactions to many. */
export function reactTo<M extends DescMessage>(reaction: Reaction<M>): Reaction {
  // The engine hands each reaction events of its own type only.
  return reaction as unknown as Reaction;
}
