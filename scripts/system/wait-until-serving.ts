import { setTimeout as sleep } from "node:timers/promises";

import { Health, HealthCheckResponse_ServingStatus } from "@ordersaga/gen/grpc/health/v1/health";
import { createRpcClient } from "@ordersaga/rpc";

/** Waits until a service's health says SERVING. Throws when that takes longer than the limit. */
export async function waitUntilServing(options: {
  readonly name: string;
  readonly baseUrl: string;
  readonly withinMs: number;
  readonly logFile: string;
}): Promise<void> {
  using health = createRpcClient(Health, { baseUrl: options.baseUrl, timeoutMs: 1000 });
  const deadline = performance.now() + options.withinMs;
  while (performance.now() < deadline) {
    const answer = await health.check({ service: "" }).catch(() => undefined);
    if (answer?.status === HealthCheckResponse_ServingStatus.SERVING) {
      return;
    }
    await sleep(100);
  }
  throw new Error(
    `${options.name} is not serving after ${options.withinMs / 1000} s; its log is ${options.logFile}`,
  );
}
