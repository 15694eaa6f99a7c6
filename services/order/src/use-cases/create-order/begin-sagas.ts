import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { placeOrder } from "@ordersaga/place-order";
import type { UnitOfWork } from "@ordersaga/outbox";
import type { Begin, Coordinator } from "@ordersaga/saga";

import type { AcceptedOrder } from "./create-orders.ts";

/** Begins the sagas of new orders in the unit of work that writes the orders. */
export type BeginSagas = (uow: UnitOfWork, accepted: readonly AcceptedOrder[]) => Promise<void>;

type Begun = NonNullable<(typeof placeOrder)["~types"]>["begun"];

/** Announces new orders: each carries all that any step of its saga needs. */
export function beginSagasWith(options: {
  readonly coordinator: Pick<Coordinator<Begun>, "begin">;
  /** For orders that do not say. */
  readonly coordination: Coordination;
  /** W3C trace context of a new saga, or empty. */
  readonly traceparentOf: (sagaId: string) => string;
}): BeginSagas {
  const { coordinator, coordination, traceparentOf } = options;
  return async (uow, accepted) => {
    await coordinator.begin(
      uow,
      accepted.map(({ order, call }): Begin<Begun> => ({
        sagaId: order.id,
        sessionId: order.sessionId,
        coordination:
          call.coordination === Coordination.UNSPECIFIED ? coordination : call.coordination,
        traceparent: traceparentOf(order.id),
        data: orderCreated(order),
      })),
    );
  };
}

function orderCreated(order: AcceptedOrder["order"]): Begin<Begun>["data"] {
  const currencyCode = order.total.currency;
  return {
    orderId: order.id,
    userId: order.userId,
    lines: order.lines.map(({ productId, quantity, unitPrice }) => ({
      productId,
      quantity,
      unitPrice: { currencyCode, minorUnits: unitPrice.minor },
    })),
    total: { currencyCode, minorUnits: order.total.minor },
    paymentToken: order.paymentToken,
  };
}
