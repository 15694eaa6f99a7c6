import type { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { type ConfigOf, systemClock } from "@ordersaga/kernel";
import type { Database, UnitsOfWork } from "@ordersaga/outbox";
import { createRpcClient } from "@ordersaga/rpc";
import type { Coordinator } from "@ordersaga/saga";
import { isSagaSampled, type Logger, traceparentOf } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { coordinationFrom, groupCommitLimitsFrom } from "./limits.ts";
import { rememberedPricesIn } from "./persistence/remembered-prices.ts";
import { usedKeysIn } from "./persistence/used-keys.ts";
import { writeOrdersIn } from "./persistence/write-orders.ts";
import { beginSagasWith } from "./use-cases/create-order/begin-sagas.ts";
import type { CreateOrderCall, CreateOrderResult } from "./use-cases/create-order/call.ts";
import { createCircuit } from "./use-cases/create-order/circuit.ts";
import { createOrders } from "./use-cases/create-order/create-orders.ts";
import { createMarketFinder } from "./use-cases/create-order/find-markets.ts";
import { GroupCommit } from "./use-cases/create-order/group-commit.ts";

type Config = ConfigOf<typeof settings>;

/** What the service's parts are made from. What they open is closed with the rest. */
export type Parts = {
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Coordinator<typeof OrderCreatedSchema>;
  readonly opened: AsyncDisposableStack;
  readonly log: Logger;
};

/** The queue in front of CreateOrder, with everything behind it. */
export function createOrderQueue(
  config: Config,
  { database, unitsOfWork, coordinator, opened, log }: Parts,
): GroupCommit<CreateOrderCall, CreateOrderResult> {
  const inventory = opened.use(
    createRpcClient(InventoryService, {
      baseUrl: config.INVENTORY_URL,
      timeoutMs: config.CHECK_STOCK_WITHIN_MS,
      retry: {
        attempts: config.CHECK_STOCK_ATTEMPTS,
        firstMs: 10,
        factor: 3,
        maxMs: 100,
        jitter: 0.2,
      },
    }),
  );
  const beginSagas = beginSagasWith({
    coordinator,
    coordination: coordinationFrom(config),
    traceparentOf: traceparentsFrom(config),
  });
  const dependencies = {
    clock: systemClock,
    findMarkets: createMarketFinder({
      inventory,
      checkStockWithinMs: config.CHECK_STOCK_WITHIN_MS,
      circuit: createCircuit({ clock: systemClock, pauseMs: config.INVENTORY_PAUSE_MS }),
      findPrices: rememberedPricesIn(database),
      log,
    }),
    findUsedKeys: usedKeysIn(database),
    write: writeOrdersIn(unitsOfWork, beginSagas),
  };
  const queue = new GroupCommit<CreateOrderCall, CreateOrderResult>({
    run: (calls) => createOrders(dependencies, calls),
    limits: groupCommitLimitsFrom(config),
    after: (delayMs, action) => void setTimeout(action, delayMs),
  });
  opened.defer(() => queue.stop());
  return queue;
}

/** A saga that is not traced has no trace context; which are is decided here, once, at their birth. */
function traceparentsFrom(config: Config): (sagaId: string) => string {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, SAGA_TRACE_RATIO: ratio } = config;
  return (sagaId) =>
    endpoint !== undefined && isSagaSampled(sagaId, ratio) ? traceparentOf(sagaId, true) : "";
}
