import { create, toBinary } from "@bufbuild/protobuf";
import { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { uuidv7 } from "@ordersaga/kernel";
import type { OutgoingMessage } from "@ordersaga/messaging";
import { subjectOf } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";

/** The message by which the order service tells of new orders for one piece of one product each. */
export function orderCreatedMessage(orders: {
  readonly sessionId: string;
  readonly productId: string;
  readonly sagaIds: readonly string[];
}): OutgoingMessage {
  const id = uuidv7();
  const { sessionId, productId } = orders;
  const unitPrice = { currencyCode: "EUR", minorUnits: 100n };
  const payloadOf = (orderId: string) => ({
    orderId,
    userId: "user",
    lines: [{ productId, quantity: 1, unitPrice }],
    total: unitPrice,
    paymentToken: "tok_ok",
  });
  const envelope = create(EnvelopeSchema, {
    id,
    type: OrderCreatedSchema.typeName,
    source: "order",
    events: orders.sagaIds.map((sagaId, index) => ({
      id: `${id}/${index}`,
      sagaId,
      sessionId,
      definitionVersion: placeOrder.version,
      coordination: Coordination.CHOREOGRAPHY,
      payload: toBinary(OrderCreatedSchema, create(OrderCreatedSchema, payloadOf(sagaId))),
    })),
  });
  const data = toBinary(EnvelopeSchema, envelope);
  return { id, subject: subjectOf(OrderCreatedSchema), data, headers: {} };
}
