import type { OrderService } from "@ordersaga/gen/order/v1/order_service";
import type { Clock } from "@ordersaga/kernel";
import type { Handlers } from "@ordersaga/rpc";

import type { CancelOrder } from "../use-cases/cancel-order.ts";
import type { CreateOrderCall, CreateOrderResult } from "../use-cases/create-order/call.ts";
import type { OrderReads } from "../use-cases/order-reads.ts";
import type { OverrideOrder } from "../use-cases/override-order.ts";
import type { ResetOrders } from "../use-cases/reset-orders.ts";
import type { RetrySaga } from "../use-cases/retry-saga.ts";
import type { WatchHub } from "../use-cases/watch-order/watch-hub.ts";

/** The handlers of every method of the service; each file of this folder makes one or two of them. */
export type OrderHandlers = Handlers<typeof OrderService>;

/** What the handlers work with. */
export type OrderResources = {
  /** Rejects with `QUEUE_FULL` when too many wait. */
  readonly submit: (call: CreateOrderCall) => Promise<CreateOrderResult>;
  /** An order that needs more cannot travel in an envelope. */
  readonly maxOrderBytes: number;
  readonly reads: OrderReads;
  readonly watchHub: WatchHub;
  readonly cancelOrder: CancelOrder;
  readonly retrySaga: RetrySaga;
  readonly overrideOrder: OverrideOrder;
  /** Undefined where the deployment has switched it off. */
  readonly resetOrders: ResetOrders | undefined;
  readonly clock: Clock;
};
