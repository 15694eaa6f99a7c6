import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { KeyedCall } from "../../domain/join-calls.ts";
import type { Order, WantedLine } from "../../domain/order.ts";
import type { Refusal } from "../../domain/price-order.ts";

/** One CreateOrder that waits for its batch; its request was found to be well-formed. */
export type CreateOrderCall = KeyedCall & {
  readonly userId: string;
  readonly lines: readonly WantedLine[];
  readonly paymentToken: string;
  readonly coordination: Coordination;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

/** What a call is answered with. */
export type CreateOrderResult =
  /** The order as it was accepted, by this call or by an equal one before it. */
  | { readonly kind: "accepted"; readonly order: Order }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The key belongs to another request. */
  | { readonly kind: "key-reused" }
  /** Nobody waits for the answer; nothing was changed. */
  | { readonly kind: "gone" };
