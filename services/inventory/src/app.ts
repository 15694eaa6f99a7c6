import { type ConfigOf, systemClock, systemRng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { createOutbox, openDatabase, outboxLimitsFrom } from "@ordersaga/outbox";
import { startRpcServer } from "@ordersaga/rpc";
import type { App } from "@ordersaga/service";
import type { Logger } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { createPlaceOrderParticipant } from "./messaging/place-order.participant.ts";
import { entities, migrations } from "./persistence/index.ts";
import { createServices } from "./rpc/index.ts";

/**
 * Puts the inventory service together and starts it. Waits for a database and a broker that are not
 * there yet, until the signal says to give up.
 */
export async function startApp(
  config: ConfigOf<typeof settings>,
  options: { readonly log: Logger; readonly signal?: AbortSignal },
): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(
    await openDatabase({
      url: config.DATABASE_URL,
      name: "inventory",
      entities,
      migrations,
      poolMax: config.DATABASE_POOL_MAX,
      ...options,
    }),
  );
  const bus = opened.use(
    await connectJetStream({
      servers: config.NATS_URL,
      name: "inventory",
      prefix: config.NATS_PREFIX,
      ...options,
    }),
  );
  const outbox = opened.use(
    createOutbox({
      database,
      bus,
      service: "inventory",
      clock: systemClock,
      rng: systemRng,
      log: options.log,
      limits: outboxLimitsFrom(config),
    }),
  );
  const { reactions } = createPlaceOrderParticipant();
  const server = opened.use(
    await startRpcServer({
      port: config.PORT,
      host: config.HOST,
      services: createServices({
        database,
        unitsOfWork: outbox.unitsOfWork,
        messageTypes: reactions.map(({ type }) => type),
      }),
      log: options.log,
      ...(config.OPERATOR_TOKEN === "" ? {} : { operatorToken: config.OPERATOR_TOKEN }),
    }),
  );
  await outbox.start(reactions);
  server.setServing(true);
  options.log.info({ port: server.port }, "inventory is serving");
  const all = opened.move();
  return { port: server.port, stop: () => all.disposeAsync() };
}
