import type { Message } from "@bufbuild/protobuf";

/** Why a saga was decided against: `saga.v1.Cause` as plain data. */
export type Cause = {
  /** Machine-readable, such as `TIME_LIMIT`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
};

/** Plain data of a cause that came in a message; a missing one becomes an empty code. */
export function causeOf(cause: Cause | undefined): Cause {
  return { code: cause?.code ?? "", message: cause?.message ?? "" };
}

/** The cause that an undone outcome carries back; an empty one when the event has none. */
export function causeIn(event: Message): Cause {
  return causeOf("cause" in event ? (event.cause as Cause | undefined) : undefined);
}
