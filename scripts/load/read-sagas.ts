import { setTimeout as sleep } from "node:timers/promises";

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Saga, SagaStatus } from "@ordersaga/gen/order/v1/saga";

import type { SystemClients } from "../system/clients.ts";

/** Waits until no saga of the session is unfinished. Throws when that takes longer than the limit. */
export async function waitForEnd(
  clients: SystemClients,
  options: {
    readonly sessionId: string;
    readonly withinMs: number;
    readonly onWaiting: (oldest: Saga) => void;
  },
): Promise<void> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    const { sagas } = await clients.order.listSagas({ unfinished: true, pageSize: 1 }, options);
    const [unfinished] = sagas;
    if (unfinished === undefined) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `saga ${unfinished.id} still waits for ${unfinished.currentStep} after ${options.withinMs} ms`,
      );
    }
    options.onWaiting(unfinished);
    await sleep(100);
  }
}

/** Reads every saga of the session, page by page. */
export async function readSagas(clients: SystemClients, sessionId: string): Promise<Saga[]> {
  const sagas: Saga[] = [];
  let pageToken = "";
  do {
    const page = await clients.order.listSagas({ pageSize: 1000, pageToken }, { sessionId });
    sagas.push(...page.sagas);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return sagas;
}

/** Milliseconds from the order's acceptance to the end of its saga, by the server's clock. */
export function durationMs(saga: Saga): number {
  return saga.createTime === undefined || saga.endTime === undefined
    ? Number.NaN
    : timestampMs(saga.endTime) - timestampMs(saga.createTime);
}

/** Counts sagas by the name of their status. */
export function countByStatus(sagas: readonly Saga[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of sagas) {
    const name = statusNames[status] ?? String(status);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const statusNames: Readonly<Record<number, string>> = {
  [SagaStatus.STARTED]: "STARTED",
  [SagaStatus.IN_PROGRESS]: "IN_PROGRESS",
  [SagaStatus.COMPLETED]: "COMPLETED",
  [SagaStatus.COMPENSATING]: "COMPENSATING",
  [SagaStatus.COMPENSATED]: "COMPENSATED",
  [SagaStatus.FAILED]: "FAILED",
};
