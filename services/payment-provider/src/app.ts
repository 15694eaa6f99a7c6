import { setTimeout as sleep } from "node:timers/promises";

import { type ConfigOf, systemClock, systemRng, TransientError } from "@ordersaga/kernel";
import { openDatabase } from "@ordersaga/outbox";
import { startRpcServer } from "@ordersaga/rpc";
import type { App } from "@ordersaga/service";
import type { Logger } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { entities, migrations } from "./persistence/index.ts";
import { createLedger } from "./persistence/ledger.ts";
import { providerService } from "./rpc/index.ts";
import { LedgerQueue } from "./use-cases/ledger-queue.ts";
import { createPerform, type ProviderBehaviour } from "./use-cases/perform.ts";

/**
 * Puts the payment provider together and starts it. Waits for a database that is not there yet, until the
 * signal says to give up.
 */
export async function startApp(
  config: ConfigOf<typeof settings>,
  options: { readonly log: Logger; readonly signal?: AbortSignal },
): Promise<App> {
  const { log } = options;
  await using opened = new AsyncDisposableStack();
  const database = opened.use(
    await openDatabase({
      url: config.DATABASE_URL,
      name: "payment-provider",
      entities,
      migrations,
      poolMax: config.DATABASE_POOL_MAX,
      ...options,
    }),
  );
  const ledger = createLedger(database, systemClock);
  const queue = new LedgerQueue({ write: ledger.write, maxBatch: 1000, maxBatchesInFlight: 2 });
  opened.defer(() => queue.stop());
  const stopping = new AbortController();
  const perform = createPerform({
    behaviour: behaviourFrom(config),
    queue,
    findKnownKeys: ledger.findKnownKeys,
    clock: systemClock,
    rng: systemRng,
    sleep: (delayMs) => sleepUntilStop(delayMs, stopping.signal),
  });
  const server = opened.use(
    await startRpcServer({
      port: config.PORT,
      host: config.HOST,
      services: [providerService({ perform, database, log })],
      log,
    }),
  );
  opened.defer(() => stopping.abort());
  server.setServing(true);
  log.info({ port: server.port }, "the payment provider is serving");
  const all = opened.move();
  return { port: server.port, stop: () => all.disposeAsync() };
}

function behaviourFrom(config: ConfigOf<typeof settings>): ProviderBehaviour {
  return {
    declineRate: config.PROVIDER_DECLINE_RATE,
    delayMs: config.PROVIDER_DELAY_MS,
    slowMs: config.PROVIDER_SLOW_MS,
    webhookDelayMs: config.PROVIDER_WEBHOOK_DELAY_MS,
    maxInProgress: config.PROVIDER_MAX_IN_PROGRESS,
  };
}

async function sleepUntilStop(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (cause) {
    throw new TransientError("the provider is stopping", cause);
  }
}
