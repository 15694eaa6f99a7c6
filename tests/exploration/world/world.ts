/** How an order of a world is coordinated. */
export type Mode = "choreographed" | "orchestrated";

/** What may happen in a world besides deliveries, provider calls and recovery, which always may. */
export type Happening =
  /** The user cancels. */
  | "cancel"
  /** The time limit passes. */
  | "deadline"
  /** The provider declines. */
  | "decline"
  /** The provider leaves a charge open for a while, and payment hears of it. */
  | "open-charge"
  /** Payment's scanner tells that the payment takes longer. */
  | "pending"
  /** A message is lost until somebody says it again. Where this is left out, a message may still come last. */
  | "loss"
  /** Payment dies with all that it had in memory and on the network. */
  | "crash"
  /** A message fails for good at inventory. */
  | "dead-letter"
  /** Repeated envelopes are told apart from new ones: every consumer has an inbox. */
  | "inbox"
  /** Inventory handles two messages of one saga at the same time. */
  | "concurrency"
  /** An operator refunds a payment. */
  | "operator-refund";

/** A small world: a few orders that want one piece each, and what may happen to them. */
export type World = {
  readonly name: string;
  /** One for each order. */
  readonly orders: readonly Mode[];
  /** Free pieces at the beginning; one beginning for each. */
  readonly stock: readonly number[];
  readonly may: ReadonlySet<Happening>;
};

/** Writes a world down. */
export function world(
  name: string,
  given: {
    readonly orders: readonly Mode[];
    readonly stock?: readonly number[];
    readonly may: readonly Happening[];
  },
): World {
  const { orders, stock = [1], may } = given;
  if (may.includes("inbox") && may.includes("concurrency")) {
    throw new Error("a state has room for inboxes or for concurrent reads, not for both");
  }
  return { name, orders, stock, may: new Set(may) };
}
