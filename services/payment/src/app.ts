import { type ConfigOf, systemClock as clock, systemRng as rng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { createOutbox, openDatabase, outboxLimitsFrom } from "@ordersaga/outbox";
import { startRpcServer } from "@ordersaga/rpc";
import type { App } from "@ordersaga/service";
import type { Logger } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { startPayments } from "./payments.ts";
import { entities, migrations } from "./persistence/index.ts";
import { createProviderClient } from "./rpc/provider-client.ts";
import { createServices } from "./rpc/index.ts";

/**
 * Puts the payment service together and starts it. Waits for a database and a broker that are not there
 * yet, until the signal says to give up. The provider may be away: payments wait for it.
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
      name: "payment",
      entities,
      migrations,
      poolMax: config.DATABASE_POOL_MAX,
      ...options,
    }),
  );
  const bus = opened.use(
    await connectJetStream({
      servers: config.NATS_URL,
      name: "payment",
      prefix: config.NATS_PREFIX,
      ...options,
    }),
  );
  const limits = outboxLimitsFrom(config);
  const outbox = opened.use(
    createOutbox({ database, bus, service: "payment", clock, rng, log, limits }),
  );
  const provider = opened.use(
    createProviderClient({
      baseUrl: config.PAYMENT_PROVIDER_URL,
      timeoutMs: config.PROVIDER_TIMEOUT_MS,
    }),
  );
  const { unitsOfWork } = outbox;
  const { converse } = provider;
  const payments = opened.use(
    await startPayments({ config, database, unitsOfWork, converse, clock, rng, log }),
  );
  const server = opened.use(
    await startRpcServer({
      port: config.PORT,
      host: config.HOST,
      services: createServices(database, payments),
      log,
      ...(config.OPERATOR_TOKEN === "" ? {} : { operatorToken: config.OPERATOR_TOKEN }),
    }),
  );
  await outbox.start(payments.reactions);
  opened.defer(async () => {
    server.setServing(false);
    // Consumers stop first: what they have begun may still ask the provider.
    await outbox.stop();
  });
  server.setServing(true);
  log.info({ port: server.port }, "payment is serving");
  const all = opened.move();
  return { port: server.port, stop: () => all.disposeAsync() };
}
