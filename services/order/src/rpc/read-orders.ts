import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { invalidArgument } from "@ordersaga/kernel";
import { decodePageToken, encodePageToken, pageSizeOf } from "@ordersaga/rpc";

import type { StandingOrder } from "../domain/saga-facts.ts";
import { existing, orderIdOf } from "./ids.ts";
import { orderMessage } from "./messages.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { pageSizes, uuidPattern } from "./pages.ts";
import { standingOf } from "./saga-message.ts";
import { readableSessionOf } from "./session.ts";

/** GetOrder and ListOrders. */
export function readOrdersHandlers({
  reads,
}: OrderResources): Pick<OrderHandlers, "getOrder" | "listOrders"> {
  return {
    getOrder: async ({ orderId }, context) => {
      const id = orderIdOf(orderId);
      const found = await reads.findOrder({ id, sessionId: readableSessionOf(context) });
      return { order: standingOrderMessage(existing(found, "order", orderId)) };
    },

    listOrders: async (request, context) => {
      const { userId, status } = request;
      if (userId !== "" && !userPattern.test(userId)) {
        throw invalidArgument({ field: "user_id", description: "no user can have this id" });
      }
      const size = pageSizeOf(request.pageSize, pageSizes);
      const filter = { list: "orders", session: context.sessionId, userId, status };
      const key = decodePageToken(request.pageToken, { filter, key: [uuidPattern] });
      const orders = await reads.listOrders({
        sessionId: readableSessionOf(context),
        userId: userId === "" ? undefined : userId,
        status: status === OrderStatus.UNSPECIFIED ? undefined : nameOf(status),
        before: key?.[0],
        limit: size + 1,
      });
      const shown = orders.slice(0, size);
      const last = orders.length > size ? shown.at(-1) : undefined;
      return {
        orders: shown.map(standingOrderMessage),
        nextPageToken: last ? encodePageToken({ key: [last.order.id], filter }) : "",
      };
    },
  };
}

/** An order as it now stands. */
export function standingOrderMessage({ order, saga }: StandingOrder) {
  return orderMessage(order, standingOf(saga));
}

const userPattern = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/;

function nameOf(status: OrderStatus): string | undefined {
  return Object.entries(OrderStatus).find(([, value]) => value === status)?.[0];
}
