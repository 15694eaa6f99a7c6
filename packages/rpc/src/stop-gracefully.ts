import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { stopping } from "./call/ends.ts";
import type { RunningCalls } from "./call/running-calls.ts";
import type { GrpcServer } from "./grpc/grpc-server.ts";
import type { HealthReport } from "./health/health.ts";
import type { OnePort } from "./one-port.ts";

/**
 * Stops a server in the order that hurts least: NOT_SERVING, no new connections, no new calls, running
 * calls finish within `drainMs`; those that have not are told UNAVAILABLE, and every socket is closed.
 */
export async function stopGracefully(parts: {
  readonly health: HealthReport;
  readonly port: OnePort;
  readonly http1: Server;
  readonly grpc: GrpcServer;
  readonly running: RunningCalls;
  readonly drainMs: number;
}): Promise<void> {
  const { health, port, http1, grpc, running, drainMs } = parts;
  health.stop();
  port.close();
  grpc.goAway();
  http1.close();
  await socketsClosed(parts, drainMs);
  running.abortAll(stopping());
  await socketsClosed(parts, lastWordsMs);
  for (const socket of port.sockets) {
    socket.destroy();
  }
}

/** For answers of aborted calls to leave. */
const lastWordsMs = 500;

async function socketsClosed(
  { port, http1 }: { readonly port: OnePort; readonly http1: Server },
  withinMs: number,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (port.sockets.size > 0 && performance.now() < endsAt) {
    http1.closeIdleConnections();
    await delay(10);
  }
}
