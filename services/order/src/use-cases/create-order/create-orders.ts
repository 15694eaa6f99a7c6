import { type Clock, failpoint, uuidv7 } from "@ordersaga/kernel";

import { type JoinedCalls, joinCalls, keyNameOf } from "../../domain/join-calls.ts";
import type { Order } from "../../domain/order.ts";
import { type Market, priceOrder } from "../../domain/price-order.ts";
import type { CreateOrderCall, CreateOrderResult } from "./call.ts";
import type { FindMarkets, WantedProducts } from "./find-markets.ts";
import type { CallOutcome } from "./group-commit.ts";

/** A new order with what else its transaction has to write. */
export type AcceptedOrder = {
  readonly order: Order;
  readonly call: CreateOrderCall;
};

/** A key that was used before. */
export type UsedKey = { readonly requestHash: string; readonly order: Order };

export type CreateOrders = {
  readonly clock: Clock;
  readonly findMarkets: FindMarkets;
  /** By {@link keyNameOf}. */
  readonly findUsedKeys: (
    calls: readonly CreateOrderCall[],
  ) => Promise<ReadonlyMap<string, UsedKey>>;
  /** One transaction; returns the ids of the orders that it wrote: not those whose key was just taken. */
  readonly write: (accepted: readonly AcceptedOrder[]) => Promise<ReadonlySet<string>>;
};

type Group = JoinedCalls<CreateOrderCall>;
type Outcome = CallOutcome<CreateOrderResult>;

/**
 * Runs one batch of CreateOrder: looks up keys and stock with one question each, decides every order in
 * memory, writes what was accepted in one transaction. A call whose caller has gone is left out as long
 * as nothing is written for it. A key that a concurrent batch was first to take has its turn again and
 * finds the order then.
 */
export async function createOrders(
  dependencies: CreateOrders,
  calls: readonly CreateOrderCall[],
): Promise<readonly Outcome[]> {
  const outcomes = new Map<CreateOrderCall, Outcome>();
  const groups = joinCalls(calls.filter((call) => isAwaited(call, outcomes)));
  const keyed = groups.map(({ first }) => first).filter(({ key }) => key !== undefined);
  const [used, markets] = await Promise.all([
    keyed.length === 0 ? noKeys : dependencies.findUsedKeys(keyed),
    dependencies.findMarkets(wantedProducts(groups)),
  ]);
  const accepted = new Map<Group, AcceptedOrder>();
  const createdAt = dependencies.clock.now();
  for (const group of groups) {
    const usedKey = used.get(keyNameOf(group.first.sessionId, group.first.key ?? ""));
    if (usedKey !== undefined) {
      answerFromKey(group, usedKey, outcomes);
    } else if (everyCallOf(group).some((call) => isAwaited(call, outcomes))) {
      const result = decide(group.first, markets, dependencies.clock, createdAt);
      if (result.kind === "accepted") {
        accepted.set(group, { order: result.order, call: group.first });
      } else {
        answer(group, { kind: "answer", answer: result }, outcomes);
      }
    }
  }
  await writeAll(dependencies, accepted, outcomes);
  return calls.map((call) => outcomes.get(call) ?? { kind: "again" });
}

const noKeys: ReadonlyMap<string, UsedKey> = new Map();

async function writeAll(
  { write }: CreateOrders,
  accepted: ReadonlyMap<Group, AcceptedOrder>,
  outcomes: Map<CreateOrderCall, Outcome>,
): Promise<void> {
  if (accepted.size === 0) {
    return;
  }
  failpoint("order.before-create");
  const written = await write([...accepted.values()]);
  failpoint("order.after-create");
  for (const [group, { order }] of accepted) {
    if (written.has(order.id)) {
      answer(group, { kind: "answer", answer: { kind: "accepted", order } }, outcomes);
    }
  }
}

function decide(
  call: CreateOrderCall,
  markets: ReadonlyMap<string, Market>,
  clock: Clock,
  createdAt: Date,
): CreateOrderResult {
  const pricing = priceOrder(call.lines, markets.get(call.sessionId) ?? emptyMarket);
  if (pricing.kind !== "priced") {
    return { kind: "refused", refusal: pricing };
  }
  const { lines, total } = pricing;
  const { sessionId, userId, paymentToken } = call;
  const id = uuidv7(clock);
  return {
    kind: "accepted",
    order: { id, sessionId, userId, lines, total, paymentToken, createdAt },
  };
}

const emptyMarket: Market = { isLive: false, find: () => undefined };

/** The most pieces that any one order wants of each product: every order is compared on its own. */
function wantedProducts(groups: readonly Group[]): WantedProducts {
  const wanted = new Map<string, Map<string, number>>();
  for (const { first } of groups) {
    let products = wanted.get(first.sessionId);
    if (products === undefined) {
      products = new Map();
      wanted.set(first.sessionId, products);
    }
    for (const { productId, quantity } of first.lines) {
      const most = products.get(productId);
      if (most === undefined || most < quantity) {
        products.set(productId, quantity);
      }
    }
  }
  return wanted;
}

function isAwaited(call: CreateOrderCall, outcomes: Map<CreateOrderCall, Outcome>): boolean {
  if (!call.signal.aborted) {
    return true;
  }
  outcomes.set(call, { kind: "answer", answer: { kind: "gone" } });
  return false;
}

function answerFromKey(
  group: Group,
  { requestHash, order }: UsedKey,
  outcomes: Map<CreateOrderCall, Outcome>,
): void {
  for (const call of everyCallOf(group)) {
    const result: CreateOrderResult =
      call.requestHash === requestHash ? { kind: "accepted", order } : { kind: "key-reused" };
    outcomes.set(call, { kind: "answer", answer: result });
  }
}

/** Those that differ lose their key to an accepted order; a refused one leaves it free for them. */
function answer(group: Group, outcome: Outcome, outcomes: Map<CreateOrderCall, Outcome>): void {
  for (const call of [group.first, ...group.equal]) {
    outcomes.set(call, outcome);
  }
  if (outcome.kind === "answer" && outcome.answer.kind === "accepted") {
    for (const call of group.differing) {
      outcomes.set(call, { kind: "answer", answer: { kind: "key-reused" } });
    }
  }
}

function everyCallOf(group: Group): readonly CreateOrderCall[] {
  return [group.first, ...group.equal, ...group.differing];
}
