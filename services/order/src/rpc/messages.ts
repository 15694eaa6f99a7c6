import type { MessageInitShape } from "@bufbuild/protobuf";
import { type OrderSchema, OrderStatus } from "@ordersaga/gen/order/v1/order";

import type { Order, Price } from "../domain/order.ts";

type OrderMessage = MessageInitShape<typeof OrderSchema>;

/** Where an order stands, in the words of its saga's row. */
export type OrderStanding = {
  readonly status: OrderStatus;
  readonly reason: string;
  readonly updatedAt: Date;
};

/** An order as it was accepted: nothing has happened to it yet. */
export function acceptedOrderMessage(order: Order): OrderMessage {
  const { createdAt: updatedAt } = order;
  return orderMessage(order, { status: OrderStatus.PENDING, reason: "", updatedAt });
}

export function orderMessage(order: Order, standing: OrderStanding): OrderMessage {
  return {
    id: order.id,
    sagaId: order.id.replaceAll("-", ""),
    userId: order.userId,
    status: standing.status,
    reason: standing.reason,
    lines: order.lines.map(({ productId, quantity, unitPrice }) => ({
      productId,
      quantity,
      unitPrice: moneyMessage(unitPrice),
    })),
    total: moneyMessage(order.total),
    createTime: timestampOf(order.createdAt),
    updateTime: timestampOf(standing.updatedAt),
  };
}

export function moneyMessage({ currency, minor }: Price) {
  return { currencyCode: currency, minorUnits: minor };
}

/** A `google.protobuf.Timestamp`; cheaper than making the message first. */
export function timestampOf(date: Date): { readonly seconds: bigint; readonly nanos: number } {
  const ms = date.getTime();
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 };
}
