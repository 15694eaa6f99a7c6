import { isEnd } from "@ordersaga/saga";

import { refundedByRightBit } from "./extra.ts";
import type { Local } from "./local.ts";
import type { System } from "./system.ts";

/** The rule that one order breaks in this state, in words; undefined when all hold. */
export function brokenByOrder(system: System, local: Local): string | undefined {
  const side = system.sides[local.mode];
  if (side === undefined) {
    return undefined;
  }
  const { balance } = system.provider.at(local.books);
  if (balance > 1) {
    return "an order was charged twice";
  }
  if (balance < 0) {
    return "an order was refunded twice";
  }
  const { decision, standing } = side.order.at(local.saga);
  const stage = side.inventory.at(local.reservation)?.status;
  const isKept = stage === "PENDING" || stage === "CONFIRMED";
  if (decision?.as === "CONFIRMED") {
    if (balance !== 1 && (local.extra & refundedByRightBit) === 0) {
      return "an order is confirmed without its money";
    }
    if (!isKept) {
      return "an order is confirmed without its goods";
    }
    return isEnd(standing) && stage !== "CONFIRMED"
      ? "a saga is completed without its goods having left"
      : undefined;
  }
  if (decision !== undefined && isEnd(standing)) {
    if (isKept) {
      return `a saga has ended as ${standing.status} and stock is still held for it`;
    }
    return balance === 0
      ? undefined
      : `a saga has ended as ${standing.status} and money is still taken for it`;
  }
  return undefined;
}

/** The rule that the stock breaks, given how many orders hold a piece and how many have got theirs. */
export function brokenByStock(
  { available, reserved, sold }: Pick<Local, "available" | "reserved" | "sold">,
  truth: { readonly stock: number; readonly held: number; readonly gone: number },
): string | undefined {
  if (available < 0) {
    return "more is reserved than there is";
  }
  if (available + reserved + sold !== truth.stock) {
    return "pieces have appeared or got lost";
  }
  return reserved === truth.held && sold === truth.gone
    ? undefined
    : "the stock does not agree with the reservations";
}
