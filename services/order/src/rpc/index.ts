import type { DescMessage } from "@bufbuild/protobuf";
import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { DeadLetterService } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { type Database, deadLetterHandlers } from "@ordersaga/outbox";
import { type ServedService, serve } from "@ordersaga/rpc";

import { changeOrdersHandlers } from "./change-orders.ts";
import { createOrderHandler } from "./create-order.ts";
import type { OrderResources } from "./order-handlers.ts";
import { readOrdersHandlers } from "./read-orders.ts";
import { readSagasHandlers } from "./read-sagas.ts";
import { repairOrdersHandlers } from "./repair-orders.ts";
import { watchOrderHandler } from "./watch-order.ts";

/** Everything that the order service serves. Dead letters of the types named are shown decoded. */
export function createServices(
  resources: OrderResources & {
    readonly database: Database;
    readonly messageTypes: readonly DescMessage[];
  },
): readonly ServedService[] {
  const { database, messageTypes } = resources;
  return [
    serve(
      OrderService,
      {
        createOrder: createOrderHandler(resources),
        ...readOrdersHandlers(resources),
        ...readSagasHandlers(resources),
        watchOrder: watchOrderHandler(resources),
        ...changeOrdersHandlers(resources),
        ...repairOrdersHandlers(resources),
      },
      { needsSession: true },
    ),
    serve(DeadLetterService, deadLetterHandlers(database, messageTypes), { needsSession: false }),
  ];
}
