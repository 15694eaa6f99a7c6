import { setTimeout as sleep } from "node:timers/promises";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { appErrorFrom, type ErrorCode, type Rng } from "@ordersaga/kernel";

import type { SystemClients } from "../system/clients.ts";
import { between, oneOf } from "./random.ts";

/** What a client meant to do and what came of it. */
export type ClientOrder = {
  readonly requestId: string;
  readonly request: OrderRequest;
  /** Undefined while nobody has answered. */
  readonly answer: { readonly orderId: string } | { readonly refusal: string } | undefined;
  /** Two calls under one request id gave two orders, or a repeated one another. */
  readonly isTorn: boolean;
  readonly cancel: "none" | "cancelled" | "too-late" | "unknown";
};

export type OrderRequest = {
  readonly userId: string;
  readonly lines: { readonly productId: string; readonly quantity: number }[];
  readonly token: string;
  readonly coordination: Coordination;
  /** Calls at the same moment under the same request id. */
  readonly calls: number;
  readonly cancelAfterMs: number | undefined;
};

/** The product of which there is too little for all. */
export const scarceProduct = "scarce";

/** What a seed decides about one order. */
export function drawOrder(
  rng: Rng,
  given: { readonly productIds: readonly string[]; readonly coordination: Coordination },
): OrderRequest {
  const { UNSPECIFIED, CHOREOGRAPHY, ORCHESTRATION } = Coordination;
  const isScarce = rng() < 0.1;
  const products = new Set(
    Array.from({ length: between(rng, [1, 3]) }, () => oneOf(rng, given.productIds)),
  );
  return {
    userId: `user-${between(rng, [1, 50])}`,
    lines: isScarce
      ? [{ productId: scarceProduct, quantity: 1 }]
      : Array.from(products, (productId) => ({ productId, quantity: between(rng, [1, 2]) })),
    token: drawToken(rng()),
    coordination:
      given.coordination === UNSPECIFIED
        ? oneOf(rng, [CHOREOGRAPHY, ORCHESTRATION])
        : given.coordination,
    calls: rng() < 0.1 ? 2 : 1,
    cancelAfterMs: rng() < 0.15 ? between(rng, [0, 800]) : undefined,
  };
}

function drawToken(chance: number): string {
  const [, token] = tokens.find(([upTo]) => chance < upTo) ?? [1, "tok_ok"];
  return token;
}

const tokens: readonly (readonly [upTo: number, token: string])[] = [
  [0.6, "tok_ok"],
  [0.7, "tok_declined"],
  [0.85, "tok_timeout_after_charge"],
  [0.9, "tok_slow"],
  [0.95, "tok_unreachable"],
  [1, "tok_webhook"],
];

/** Places one order and, if it is meant to, cancels it. Repeats until there is an answer or time is over. */
export async function runClient(
  clients: SystemClients,
  given: {
    readonly sessionId: string;
    readonly requestId: string;
    readonly request: OrderRequest;
    readonly untilMs: number;
  },
): Promise<ClientOrder> {
  const { requestId, request } = given;
  const answers = await Promise.all(
    Array.from({ length: request.calls }, () => placeOrder(clients, given)),
  );
  const orderIds = new Set(
    answers.flatMap((each) => (each && "orderId" in each ? each.orderId : [])),
  );
  const [orderId] = orderIds;
  const answer = orderId === undefined ? answers[0] : { orderId };
  const cancel =
    orderId === undefined || request.cancelAfterMs === undefined
      ? "none"
      : await cancelOrder(clients, { ...given, orderId, afterMs: request.cancelAfterMs });
  return { requestId, request, answer, isTorn: orderIds.size > 1, cancel };
}

/** Asks until somebody answers: with the order, or with a refusal. */
export async function placeOrder(
  clients: SystemClients,
  given: {
    readonly sessionId: string;
    readonly requestId: string;
    readonly request: OrderRequest;
    readonly untilMs: number;
  },
): Promise<ClientOrder["answer"]> {
  const { sessionId, requestId, untilMs } = given;
  const { token, userId, lines, coordination } = given.request;
  const call = { requestId, userId, lines, paymentMethod: { token }, coordination };
  return await insist(untilMs, async () => {
    try {
      const { order } = await clients.order.createOrder(call, { sessionId, timeoutMs: 5000 });
      return { orderId: order?.id ?? "" };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  });
}

async function cancelOrder(
  clients: SystemClients,
  given: {
    readonly sessionId: string;
    readonly orderId: string;
    readonly afterMs: number;
    readonly untilMs: number;
  },
): Promise<ClientOrder["cancel"]> {
  const { sessionId, orderId, afterMs, untilMs } = given;
  await sleep(afterMs);
  const said = await insist(untilMs, async () => {
    try {
      await clients.order.cancelOrder({ orderId }, { sessionId, timeoutMs: 5000 });
      return "cancelled" as const;
    } catch (error) {
      refusalOf(error);
      return "too-late" as const;
    }
  });
  return said ?? "unknown";
}

const unanswered: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "CONFLICT",
  "RESOURCE_EXHAUSTED",
  "CANCELLED",
]);

/** The reason of a refusal; throws on when the error is no answer. */
function refusalOf(error: unknown): string {
  const { code, details } = appErrorFrom(error);
  if (unanswered.has(code)) {
    throw error;
  }
  return details.reason ?? code;
}

async function insist<T>(untilMs: number, ask: () => Promise<T>): Promise<T | undefined> {
  while (performance.now() < untilMs) {
    try {
      return await ask();
    } catch {
      await sleep(100);
    }
  }
  return undefined;
}
