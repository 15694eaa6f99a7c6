import { setTimeout as sleep } from "node:timers/promises";

import { appErrorFrom } from "@ordersaga/kernel";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import type { SystemClients } from "../system/clients.ts";
import type { LoadCatalogue } from "./catalogue.ts";

export type LoadShape = {
  readonly orders: number;
  /** Calls in flight at most. */
  readonly concurrency: number;
  /** Orders per second of an open loop; 0 for a closed loop. */
  readonly ratePerSecond: number;
  readonly linesPerOrder: number;
  /** Share of the orders that pay with a token that is declined, in per cent. */
  readonly declinedPercent: number;
  readonly coordination: Coordination;
};

export type PlacedOrders = {
  readonly accepted: number;
  /** Reason of a refusal → how often. */
  readonly refused: ReadonlyMap<string, number>;
  /** Milliseconds from the intended send time to the answer, of accepted orders. */
  readonly acceptMs: readonly number[];
  readonly elapsedMs: number;
};

/** Places orders through gRPC `CreateOrder`, each under its own request id, so that repeating one is safe. */
export async function placeOrders(
  clients: SystemClients,
  options: {
    readonly shape: LoadShape;
    readonly catalogue: LoadCatalogue;
    readonly onProgress: (accepted: number) => void;
  },
): Promise<PlacedOrders> {
  const { shape, catalogue, onProgress } = options;
  const refused = new Map<string, number>();
  const acceptMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;

  const placeNext = async (): Promise<void> => {
    const index = next++;
    const intendedAt =
      shape.ratePerSecond === 0
        ? performance.now()
        : startedAt + (index * 1000) / shape.ratePerSecond;
    const waitMs = intendedAt - performance.now();
    if (waitMs > 1) {
      await sleep(waitMs);
    }
    try {
      await clients.order.createOrder(orderRequest(index, { shape, catalogue }), catalogue);
      acceptMs.push(performance.now() - intendedAt);
      onProgress(acceptMs.length);
    } catch (error) {
      const { code, details } = appErrorFrom(error);
      const reason = details.reason ?? code;
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
    }
  };
  const caller = async (): Promise<void> => {
    while (next < shape.orders) {
      await placeNext();
    }
  };
  await Promise.all(Array.from({ length: shape.concurrency }, caller));
  return { accepted: acceptMs.length, refused, acceptMs, elapsedMs: performance.now() - startedAt };
}

function orderRequest(
  index: number,
  { shape, catalogue }: { readonly shape: LoadShape; readonly catalogue: LoadCatalogue },
) {
  const { productIds } = catalogue;
  const isDeclined = (index * 37) % 100 < shape.declinedPercent;
  return {
    requestId: `${catalogue.sessionId}-${index}`,
    userId: `user-${index % 1000}`,
    lines: Array.from({ length: shape.linesPerOrder }, (_, line) => ({
      productId: productIds[(index * shape.linesPerOrder + line) % productIds.length] ?? "",
      quantity: 1 + (index % 3 === 0 ? 1 : 0),
    })),
    paymentMethod: { token: isDeclined ? "tok_declined" : "tok_ok" },
    coordination: shape.coordination,
  };
}
