import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import type { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { AppError } from "@ordersaga/kernel";

import type { SystemClients } from "../system/clients.ts";

/** What happened to one order of a cell. */
export type Placed = {
  readonly story: string;
  /** Undefined when it was refused at once. */
  readonly orderId: string | undefined;
  /** How it may end. */
  readonly mayEnd: readonly OrderStatus[];
};

const { CONFIRMED, FAILED, CANCELLED } = OrderStatus;

/** Products of a cell, {@link stockOfEach} pieces of each; of the second, each round orders too many. */
export const productsOf = (rounds: number): readonly string[] => [
  "plenty",
  ...Array.from({ length: rounds }, (_, index) => `contested-${index + 1}`),
];

export const stockOfEach = 100;

/**
 * Places one order of each kind, all at the same moment: good, declined, with an answer that is lost after
 * the charge, cancelled around its charge, never answered, and two that want more than half of one product.
 */
export async function placeStories(
  clients: SystemClients,
  round: {
    readonly sessionId: string;
    readonly coordination: Coordination;
    /** Of the session, from 1. */
    readonly number: number;
    readonly withTimeLimit: boolean;
  },
): Promise<readonly Placed[]> {
  const { sessionId } = round;
  const place = async (
    story: string,
    rest: {
      readonly token?: string;
      readonly isContested?: boolean;
      readonly mayEnd: Placed["mayEnd"];
    },
  ): Promise<Placed> => {
    const { token = "tok_ok", isContested = false, mayEnd } = rest;
    const line = isContested
      ? { productId: `contested-${round.number}`, quantity: 60 }
      : { productId: "plenty", quantity: 1 };
    try {
      const { order } = await clients.order.createOrder(
        {
          requestId: `round-${round.number}-${story}`,
          userId: story,
          lines: [line],
          paymentMethod: { token },
          coordination: round.coordination,
        },
        { sessionId },
      );
      return { story, orderId: order?.id, mayEnd };
    } catch (error) {
      if (isContested && isRefusal(error)) {
        return { story, orderId: undefined, mayEnd: [] };
      }
      throw error;
    }
  };
  const cancel = async (placed: Placed): Promise<Placed> => {
    try {
      await clients.order.cancelOrder({ orderId: placed.orderId ?? "" }, { sessionId });
      return { ...placed, mayEnd: [CANCELLED] };
    } catch (error) {
      if (isRefusal(error)) {
        return placed;
      }
      throw error;
    }
  };
  // A lost answer may be found only after the time limit of payments, which is short here.
  const found = { token: "tok_timeout_after_charge", mayEnd: [CONFIRMED, FAILED] };
  return await Promise.all([
    place("good", { mayEnd: [CONFIRMED] }),
    place("declined", { token: "tok_declined", mayEnd: [FAILED] }),
    place("lost-answer", found),
    place("cancelled", found).then(cancel),
    place("one-of-two", { isContested: true, mayEnd: [CONFIRMED, FAILED] }),
    place("other-of-two", { isContested: true, mayEnd: [CONFIRMED, FAILED] }),
    ...(round.withTimeLimit
      ? [place("never-answered", { token: "tok_unreachable", mayEnd: [FAILED] })]
      : []),
  ]);
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.code === "FAILED_PRECONDITION";
}
