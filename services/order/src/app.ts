import { setTimeout as sleep } from "node:timers/promises";

import { type ConfigOf, systemClock, systemRng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { createOutbox, openDatabase, outboxLimitsFrom } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { startRpcServer } from "@ordersaga/rpc";
import { createCoordinator } from "@ordersaga/saga";
import type { App } from "@ordersaga/service";
import type { Logger } from "@ordersaga/telemetry";

import { sagaLimitsFrom } from "./limits.ts";
import type { settings } from "./config.ts";
import { createOrderQueue, type Parts } from "./create-order-queue.ts";
import { orderReactions } from "./messaging/reactions.ts";
import { expiredKeysIn } from "./persistence/expired-keys.ts";
import { entities, migrations } from "./persistence/index.ts";
import { orderReadsIn } from "./persistence/order-reads.ts";
import { writePrices } from "./persistence/remembered-prices.ts";
import { resettableOrdersIn } from "./persistence/resettable-orders.ts";
import { repeat } from "./repeat.ts";
import { createServices } from "./rpc/index.ts";
import { createCancelOrder } from "./use-cases/cancel-order.ts";
import type { OrderReads } from "./use-cases/order-reads.ts";
import { createOverrideOrder } from "./use-cases/override-order.ts";
import { createResetOrders, type ResetOrders } from "./use-cases/reset-orders.ts";
import { createRetrySaga } from "./use-cases/retry-saga.ts";
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
  const queue = createOrderQueue(config, { database, unitsOfWork, coordinator, opened, log });
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
        retrySaga: createRetrySaga({ unitsOfWork, coordinator }),
        overrideOrder: createOverrideOrder({ unitsOfWork, coordinator }),
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
