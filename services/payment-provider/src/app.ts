import { setTimeout as sleep } from "node:timers/promises";

import { type ConfigOf, systemClock, systemRng, TransientError } from "@ordersaga/kernel";
import { openDatabase } from "@ordersaga/outbox";
import { startRpcServer } from "@ordersaga/rpc";
import type { Logger } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { createLedger } from "./persistence/ledger.ts";
import { LedgerEntryRow } from "./persistence/ledger-entry.entity.ts";
import { migrations } from "./persistence/migrations/index.ts";
import { createServices } from "./rpc/index.ts";
import { LedgerQueue } from "./use-cases/ledger-queue.ts";
import { createPerform } from "./use-cases/perform.ts";

export type App = {
  /** The port that is listened on. */
  readonly port: number;
  /** Takes no more calls, finishes what was begun and closes everything. */
  readonly stop: () => Promise<void>;
};

/**
 * Puts the payment provider together and starts it. Waits for a database that is not there yet, until the
 * signal says to give up.
 */
export async function startApp(
  config: ConfigOf<typeof settings>,
  options: { readonly log: Logger; readonly signal?: AbortSignal },
): Promise<App> {
  const { log } = options;
  const database = await openDatabase({
    url: config.DATABASE_URL,
    name: "payment-provider",
    entities: [LedgerEntryRow],
    migrations,
    poolMax: config.DATABASE_POOL_MAX,
    log,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const ledger = createLedger(database, systemClock);
  const queue = new LedgerQueue({ write: ledger.write, maxBatch: 1000, maxBatchesInFlight: 2 });
  const stopping = new AbortController();
  const perform = createPerform({
    behaviour: {
      declineRate: config.PROVIDER_DECLINE_RATE,
      delayMs: config.PROVIDER_DELAY_MS,
      slowMs: config.PROVIDER_SLOW_MS,
      webhookDelayMs: config.PROVIDER_WEBHOOK_DELAY_MS,
      maxInProgress: config.PROVIDER_MAX_IN_PROGRESS,
    },
    queue,
    findKnownKeys: ledger.findKnownKeys,
    clock: systemClock,
    rng: systemRng,
    sleep: (delayMs) => sleepUntilStop(delayMs, stopping.signal),
  });
  const server = await startRpcServer({
    port: config.PORT,
    host: config.HOST,
    services: createServices({ perform, database, log }),
  });
  server.setServing(true);
  log.info({ port: server.port }, "the payment provider is serving");
  return {
    port: server.port,
    stop: async () => {
      stopping.abort();
      await server.stop();
      await queue.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function sleepUntilStop(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (cause) {
    throw new TransientError("the provider is stopping", cause);
  }
}
