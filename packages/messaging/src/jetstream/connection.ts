import { setTimeout as delay } from "node:timers/promises";

import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { AppError } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

export type ConnectionListener = {
  readonly onDisconnect: () => void;
  readonly onReconnect: () => void;
};

/**
 * Connects, and stays connected for as long as the connection is not closed. Waits for a broker that is
 * not there yet; only the signal ends the waiting, by an AppError `CANCELLED`.
 */
export async function connectToBroker(options: {
  readonly servers: string;
  readonly name: string;
  readonly log: Logger;
  readonly signal: AbortSignal | undefined;
}): Promise<NatsConnection> {
  const { servers, name, log, signal } = options;
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) {
      throw new AppError({ code: "CANCELLED", message: "nobody waits for the broker any more" });
    }
    try {
      return await connect({
        servers: servers.split(","),
        name,
        timeout: 5000,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        pingInterval: 5000,
        noAsyncTraces: true,
        ignoreAuthErrorAbort: true,
      });
    } catch (error) {
      if (attempt === 1) {
        log.warn({ err: error }, "the broker is not there yet: waiting for it");
      }
      await delay(Math.min(100 * attempt, 1000), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Tells the listener, until the connection is closed, when the broker goes and when it is back. */
export async function watchConnection(
  connection: NatsConnection,
  listener: ConnectionListener & { readonly log: Logger },
): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case "disconnect":
        listener.log.warn("the broker is out of reach");
        listener.onDisconnect();
        break;
      case "reconnect":
        listener.log.info("the broker is back");
        listener.onReconnect();
        break;
      case "error":
        listener.log.error({ err: status.error }, "the broker reports an error");
        break;
      default:
        break;
    }
  }
}
