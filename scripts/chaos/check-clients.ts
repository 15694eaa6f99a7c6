import { OrderStatus } from "@ordersaga/gen/order/v1/order";

import type { SystemClients } from "../system/clients.ts";
import { type Finding, noCaseOf } from "../witness/finding.ts";
import { type ClientOrder, placeOrder } from "./clients.ts";

/** How the orders ended for the clients, as Jepsen classifies: nothing acknowledged may be lost. */
export type ClientSummary = {
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Never answered during the faults. */
  readonly unknown: number;
  readonly lost: number;
};

/**
 * Compares what clients were told with what there is, when every saga has ended: nothing accepted is
 * missing, nothing exists that nobody asked for, a cancelled order is cancelled, and a repeated request
 * gets the same order (invariants I7 and I9).
 */
export async function checkClients(
  clients: SystemClients,
  given: { readonly sessionId: string; readonly told: readonly ClientOrder[] },
): Promise<{ readonly summary: ClientSummary; readonly findings: readonly Finding[] }> {
  const { sessionId, told } = given;
  const statusById = await readStatuses(clients, sessionId);
  const accepted = told.flatMap((order) =>
    order.answer !== undefined && "orderId" in order.answer
      ? [{ ...order, orderId: order.answer.orderId }]
      : [],
  );
  const refused: Record<string, number> = {};
  for (const { answer } of told) {
    if (answer !== undefined && "refusal" in answer) {
      refused[answer.refusal] = (refused[answer.refusal] ?? 0) + 1;
    }
  }
  const lost = accepted.filter(({ orderId }) => !statusById.has(orderId));
  const repeated = await repeat(clients, sessionId, accepted.slice(0, 200));
  const summary = {
    accepted: accepted.length,
    refused,
    unknown: told.filter(({ answer }) => answer === undefined).length,
    lost: lost.length,
  };
  const findings = [
    noCaseOf(
      "no accepted order is lost",
      lost.map(({ orderId }) => orderId),
      `${accepted.length}`,
    ),
    noCaseOf(
      "no order exists that no client knows",
      summary.unknown > 0
        ? []
        : [...statusById.keys()].filter((id) => !accepted.some(({ orderId }) => orderId === id)),
      `${statusById.size} orders, ${summary.unknown} calls without an answer`,
    ),
    noCaseOf(
      "one request id is one order, whoever repeats it",
      [...told.filter(({ isTorn }) => isTorn).map(({ requestId }) => requestId), ...repeated],
      `${told.filter(({ request }) => request.calls > 1).length} sent twice at once`,
    ),
    noCaseOf(
      "an order whose cancellation was acknowledged is cancelled, one that was too late is not",
      accepted
        .filter(({ cancel }) => cancel === "cancelled" || cancel === "too-late")
        .filter(
          ({ cancel, orderId }) =>
            (cancel === "cancelled") !== (statusById.get(orderId) === OrderStatus.CANCELLED),
        )
        .map(({ orderId, cancel }) => `${orderId} ${cancel}`),
      `${accepted.filter(({ cancel }) => cancel !== "none").length} cancellations`,
    ),
    noCaseOf(
      "nobody is told of an internal error",
      Object.keys(refused).filter((reason) => reason === "INTERNAL"),
      Object.keys(refused).join(", "),
    ),
  ];
  return { summary, findings };
}

async function repeat(
  clients: SystemClients,
  sessionId: string,
  orders: readonly (ClientOrder & { readonly orderId: string })[],
): Promise<readonly string[]> {
  const different: string[] = [];
  for (const { requestId, request, orderId } of orders) {
    const untilMs = performance.now() + 10_000;
    const answer = await placeOrder(clients, { sessionId, requestId, request, untilMs });
    if (answer === undefined || !("orderId" in answer) || answer.orderId !== orderId) {
      different.push(`${requestId}: ${orderId}, then ${JSON.stringify(answer)}`);
    }
  }
  return different;
}

async function readStatuses(
  clients: SystemClients,
  sessionId: string,
): Promise<ReadonlyMap<string, OrderStatus>> {
  const statuses = new Map<string, OrderStatus>();
  let pageToken = "";
  do {
    const page = await clients.order.listOrders({ pageSize: 1000, pageToken }, { sessionId });
    page.orders.forEach(({ id, status }) => statuses.set(id, status));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return statuses;
}
