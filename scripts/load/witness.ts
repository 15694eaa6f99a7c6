import { type Order, OrderStatus } from "@ordersaga/gen/order/v1/order";
import {
  type LedgerEntry,
  LedgerStatus,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import type { SystemClients } from "../system/clients.ts";
import type { LoadCatalogue } from "./catalogue.ts";

/** One thing that must hold when every saga of a session has ended, and whether it does. */
export type Finding = {
  readonly claim: string;
  readonly isTrue: boolean;
  readonly seen: string;
};

/**
 * Checks a session whose sagas have all ended, from three sides that share no store: the orders, the
 * stock, and the payment provider's own ledger.
 */
export async function checkSession(
  clients: SystemClients,
  catalogue: LoadCatalogue,
): Promise<readonly Finding[]> {
  const orders = await readOrders(clients, catalogue.sessionId);
  const entries = await readLedger(clients, orders);
  const { products, reservations } = await clients.inventory.getStats({}, catalogue);
  const confirmed = orders.filter(({ status }) => status === OrderStatus.CONFIRMED);
  const pieces = confirmed
    .flatMap(({ lines }) => lines)
    .reduce((total, line) => total + line.quantity, 0);
  const { productIds, stockOfEach, stockOfAll } = catalogue;
  const initial = stockOfAll ?? productIds.length * stockOfEach;

  const charged = entries.filter(({ status }) => status === LedgerStatus.CHARGED);
  const held = sum(charged.map(({ amount }) => amount?.minorUnits ?? 0n));
  const owed = sum(confirmed.map(({ total }) => total?.minorUnits ?? 0n));
  const chargedKeys = new Set(charged.map(({ idempotencyKey }) => idempotencyKey));
  const unpaid = confirmed.filter(({ sagaId }) => !chargedKeys.has(`${sagaId}:process-payment`));

  return [
    finding("every order is decided", {
      isTrue: orders.every(({ status }) => finalStatuses.has(status)),
      seen: `${orders.length} orders, ${confirmed.length} confirmed`,
    }),
    finding("the pieces sold are those of confirmed orders", {
      isTrue: Number(products?.sold) === pieces,
      seen: `${products?.sold} sold, ${pieces} confirmed`,
    }),
    finding("no stock is held any more", {
      isTrue: products?.reserved === 0n && reservations?.pending === 0n,
      seen: `${products?.reserved} reserved, ${reservations?.pending} reservations pending`,
    }),
    finding("no stock was made or lost", {
      isTrue: Number(products?.available) + pieces === initial,
      seen: `${products?.available} available + ${pieces} sold of ${initial}`,
    }),
    finding("the provider holds exactly the money of confirmed orders", {
      isTrue: held === owed && unpaid.length === 0 && charged.length === confirmed.length,
      seen: `${held} held, ${owed} owed, ${charged.length} charges`,
    }),
    finding("nothing is open at the provider", {
      isTrue: entries.every(({ status }) => status !== LedgerStatus.PENDING),
      seen: `${entries.length} ledger entries`,
    }),
  ];
}

const finalStatuses: ReadonlySet<number> = new Set([
  OrderStatus.CONFIRMED,
  OrderStatus.FAILED,
  OrderStatus.CANCELLED,
]);

async function readOrders(clients: SystemClients, sessionId: string): Promise<Order[]> {
  const orders: Order[] = [];
  let pageToken = "";
  do {
    const page = await clients.order.listOrders({ pageSize: 1000, pageToken }, { sessionId });
    orders.push(...page.orders);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return orders;
}

/** Keys begin with the saga's id, which begins with the time: the common prefix narrows the reading. */
async function readLedger(
  clients: SystemClients,
  orders: readonly Order[],
): Promise<LedgerEntry[]> {
  const ids = new Set(orders.map(({ sagaId }) => sagaId));
  const keyPrefix = commonPrefix([...ids]);
  const entries: LedgerEntry[] = [];
  let pageToken = "";
  do {
    const page = await clients.provider.listLedgerEntries({
      pageSize: 10_000,
      pageToken,
      keyPrefix,
    });
    entries.push(
      ...page.entries.filter(({ idempotencyKey }) => ids.has(idempotencyKey.slice(0, 32))),
    );
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return entries;
}

function commonPrefix(texts: readonly string[]): string {
  const [first = "", ...rest] = texts;
  let length = first.length;
  for (const text of rest) {
    while (!text.startsWith(first.slice(0, length))) {
      length--;
    }
  }
  return first.slice(0, length);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function finding(claim: string, rest: Omit<Finding, "claim">): Finding {
  return { claim, ...rest };
}
