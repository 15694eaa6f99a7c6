import { setTimeout as sleep } from "node:timers/promises";

import type { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { type ConfigOf, systemClock, systemRng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import {
  createOutbox,
  type Database,
  openDatabase,
  outboxLimitsFrom,
  type UnitsOfWork,
} from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { createRpcClient, startRpcServer } from "@ordersaga/rpc";
import { type Coordinator, createCoordinator } from "@ordersaga/saga";
import type { App } from "@ordersaga/service";
import { isSagaSampled, type Logger, traceparentOf } from "@ordersaga/telemetry";

import { coordinationFrom, groupCommitLimitsFrom, sagaLimitsFrom } from "./limits.ts";
import type { settings } from "./config.ts";
import { beginSagasWith } from "./use-cases/create-order/begin-sagas.ts";
import { orderReactions } from "./messaging/reactions.ts";
import { expiredKeysIn } from "./persistence/expired-keys.ts";
import { entities, migrations } from "./persistence/index.ts";
import { orderReadsIn } from "./persistence/order-reads.ts";
import { rememberedPricesIn, writePrices } from "./persistence/remembered-prices.ts";
import { resettableOrdersIn } from "./persistence/resettable-orders.ts";
import { usedKeysIn } from "./persistence/used-keys.ts";
import { writeOrdersIn } from "./persistence/write-orders.ts";
import { repeat } from "./repeat.ts";
import { createServices } from "./rpc/index.ts";
import { createCancelOrder } from "./use-cases/cancel-order.ts";
import { createCircuit } from "./use-cases/create-order/circuit.ts";
import type { CreateOrderCall, CreateOrderResult } from "./use-cases/create-order/call.ts";
import { createOrders } from "./use-cases/create-order/create-orders.ts";
import { createMarketFinder } from "./use-cases/create-order/find-markets.ts";
import { GroupCommit } from "./use-cases/create-order/group-commit.ts";
import type { OrderReads } from "./use-cases/order-reads.ts";
import { createResetOrders, type ResetOrders } from "./use-cases/reset-orders.ts";
import { WatchHub } from "./use-cases/watch-order/watch-hub.ts";

type Config = ConfigOf<typeof settings>;

/**
 * Puts the order service together and starts it. Waits for a database and a broker that are not there
 * yet, until the signal says to give up.
 */
export async function startApp(
  config: Config,
  options: { readonly log: Logger; readonly signal?: AbortSignal },
): Promise<App> {
  const { log } = options;
  await using opened = new AsyncDisposableStack();
  const database = opened.use(
    await openDatabase({
      url: config.DATABASE_URL,
      name: "order",
      entities,
      migrations,
      poolMax: config.DATABASE_POOL_MAX,
      ...options,
    }),
  );
  const bus = opened.use(
    await connectJetStream({
      servers: config.NATS_URL,
      name: "order",
      prefix: config.NATS_PREFIX,
      ...options,
    }),
  );
  const outbox = opened.use(
    createOutbox({
      ...edges,
      database,
      bus,
      service: "order",
      log,
      limits: outboxLimitsFrom(config),
    }),
  );
  const { unitsOfWork } = outbox;
  const coordinator = createCoordinator({
    ...edges,
    definitions: [placeOrder],
    unitsOfWork,
    limits: sagaLimitsFrom(config),
    scanEveryMs: config.SAGA_SCAN_EVERY_MS,
    log,
  });
  const queue = createQueue(config, { database, unitsOfWork, coordinator, opened, log });
  const reads = orderReadsIn(database);
  const watchHub = openWatchHub(config, { reads, coordinator, opened, log });
  forgetOldKeys(config, { database, opened, log });
  const reactions = orderReactions({ coordinator, writePrices });
  const server = opened.use(
    await startRpcServer({
      port: config.PORT,
      host: config.HOST,
      services: createServices({
        submit: (call) => queue.submit(call),
        maxOrderBytes: config.ORDER_MAX_BYTES,
        reads,
        watchHub,
        cancelOrder: createCancelOrder({ unitsOfWork, coordinator }),
        resetOrders: resetOrdersOf(config, { database, unitsOfWork, coordinator }),
        clock: systemClock,
        database,
        messageTypes: reactions.map(({ type }) => type),
      }),
      log,
      maxTimeoutMs: Math.max(30_000, config.RESET_WAIT_MS + 10_000),
      ...(config.OPERATOR_TOKEN === "" ? {} : { operatorToken: config.OPERATOR_TOKEN }),
    }),
  );
  opened.defer(() => watchHub.stop());
  await outbox.start(reactions);
  opened.use(coordinator.startScanner());
  server.setServing(true);
  log.info({ port: server.port }, "the order service is serving");
  const all = opened.move();
  return { port: server.port, stop: () => all.disposeAsync() };
}

const edges = { clock: systemClock, rng: systemRng };

/** What the parts below are made from. What they open is closed with the rest. */
type Parts = {
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Coordinator<typeof OrderCreatedSchema>;
  readonly opened: AsyncDisposableStack;
  readonly log: Logger;
};

/** The queue in front of CreateOrder, with everything behind it. */
function createQueue(
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

/** Tells watchers of changes, here at once and elsewhere by looking now and then. */
function openWatchHub(
  config: Config,
  {
    reads,
    coordinator,
    opened,
    log,
  }: Pick<Parts, "coordinator" | "opened" | "log"> & {
    readonly reads: OrderReads;
  },
): WatchHub {
  const onFailure = "watched orders could not be looked at";
  const hub = new WatchHub({
    findSagas: reads.findSagas,
    maxWatchers: config.WATCHERS_MAX,
    onTrouble: (error) => log.warn({ err: error }, onFailure),
  });
  opened.use(coordinator.onChange((sagaIds) => hub.changed(sagaIds)));
  const work = async (): Promise<void> => hub.poll();
  opened.use(repeat({ everyMs: config.WATCH_POLL_MS, work, onFailure, log }));
  return hub;
}

function forgetOldKeys(
  config: Config,
  { database, opened, log }: Omit<Parts, "coordinator" | "unitsOfWork">,
): void {
  const forget = expiredKeysIn(database);
  opened.use(
    repeat({
      everyMs: config.IDEMPOTENCY_CLEAN_EVERY_MS,
      work: (signal) => {
        const before = systemClock.now().getTime() - config.IDEMPOTENCY_RETENTION_MS;
        return forget(new Date(before), signal);
      },
      onFailure: "expired idempotency keys could not be removed",
      log,
    }),
  );
}

function resetOrdersOf(
  config: Config,
  { database, unitsOfWork, coordinator }: Omit<Parts, "opened" | "log">,
): ResetOrders | undefined {
  return config.RESET_ENABLED
    ? createResetOrders({
        unitsOfWork,
        coordinator,
        orders: resettableOrdersIn(database),
        now: systemClock.now,
        pause: (delayMs, signal) => sleep(delayMs, undefined, { signal }).catch(() => undefined),
        waitMs: config.RESET_WAIT_MS,
      })
    : undefined;
}
