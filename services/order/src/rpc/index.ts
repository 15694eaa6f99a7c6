import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { type ServedService, serve } from "@ordersaga/rpc";

import { changeOrdersHandlers } from "./change-orders.ts";
import { createOrderHandler } from "./create-order.ts";
import type { OrderResources } from "./order-handlers.ts";
import { readOrdersHandlers } from "./read-orders.ts";
import { readSagasHandlers } from "./read-sagas.ts";
import { watchOrderHandler } from "./watch-order.ts";

/** `order.v1.OrderService`, ready to be served. */
export function orderService(resources: OrderResources): ServedService {
  return serve(
    OrderService,
    {
      createOrder: createOrderHandler(resources),
      ...readOrdersHandlers(resources),
      ...readSagasHandlers(resources),
      watchOrder: watchOrderHandler(resources),
      ...changeOrdersHandlers(resources),
    },
    { needsSession: true },
  );
}
