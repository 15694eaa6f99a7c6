import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@ordersaga/gen/grpc/health/v1/health";
import { AppError } from "@ordersaga/kernel";

import { stopping } from "../call/ends.ts";
import type { ServedService } from "../handler.ts";
import { serve } from "../serve.ts";

export type HealthReport = {
  readonly service: ServedService;
  readonly setServing: (isServing: boolean) => void;
  /** Tells watchers NOT_SERVING for good and ends their streams. */
  readonly stop: () => void;
};

/**
 * `grpc.health.v1.Health` for a server as a whole (the empty name) and for each of its services, all of
 * which share one status. It starts NOT_SERVING. Source: gRPC Health Checking Protocol.
 */
export function createHealth(services: readonly ServedService[]): HealthReport {
  const names = new Set(["", ...services.map(({ service }) => service.typeName)]);
  let status: Status = Status.NOT_SERVING;
  let isStopped = false;
  const waiting = new Set<() => void>();
  const set = (next: Status): void => {
    status = next;
    for (const wake of waiting) {
      wake();
    }
  };
  const service = serve(
    Health,
    {
      check: async ({ service: name }) => {
        if (!names.has(name)) {
          throw new AppError({ code: "NOT_FOUND", message: `${name} is not served here` });
        }
        return { status };
      },
      list: async () => ({
        statuses: Object.fromEntries([...names].map((name) => [name, { status }])),
      }),
      async *watch({ service: name }, { signal }) {
        let told: Status | undefined;
        while (true) {
          const current: Status = names.has(name) ? status : Status.SERVICE_UNKNOWN;
          if (current !== told) {
            told = current;
            yield { status: current };
          } else if (isStopped) {
            throw stopping();
          } else {
            signal.throwIfAborted();
            await wakeUp(waiting, signal);
          }
        }
      },
    },
    { needsSession: false },
  );
  return {
    service,
    setServing: (isServing) => {
      if (!isStopped) {
        set(isServing ? Status.SERVING : Status.NOT_SERVING);
      }
    },
    stop: () => {
      isStopped = true;
      set(Status.NOT_SERVING);
    },
  };
}

async function wakeUp(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.add(resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  waiting.delete(resolve);
}
