import type { UnitOfWork, UnitsOfWork } from "@ordersaga/outbox";

import { keyNameOf } from "../domain/join-calls.ts";
import type { BeginSagas } from "../use-cases/create-order/begin-sagas.ts";
import type { AcceptedOrder } from "../use-cases/create-order/create-orders.ts";
import { takeKeys } from "./idempotency-statements.ts";
import { insertOrders, orderColumns } from "./order-statements.ts";

/**
 * Writes keys, orders and sagas of a batch in one unit of work, and returns the ids of those written. An
 * order whose key a concurrent transaction took first is left out; the statement has waited for that
 * transaction to commit, so the key can be looked up now.
 */
export function writeOrdersIn(
  unitsOfWork: UnitsOfWork,
  beginSagas: BeginSagas,
): (accepted: readonly AcceptedOrder[]) => Promise<ReadonlySet<string>> {
  return (accepted) =>
    unitsOfWork.run(async (uow) => {
      const taken = await takeKeysOf(uow, accepted);
      const written = accepted.filter(
        ({ order, call }) => call.key === undefined || taken.has(order.id),
      );
      if (written.length > 0) {
        const orders = written.map(({ order }) => order);
        await Promise.all([
          uow.query(insertOrders, orderColumns(orders)),
          beginSagas(uow, written),
        ]);
      }
      return new Set(written.map(({ order }) => order.id));
    });
}

/** In the order of the keys, so that two batches never wait for each other. */
async function takeKeysOf(
  uow: UnitOfWork,
  accepted: readonly AcceptedOrder[],
): Promise<ReadonlySet<string>> {
  const keyed = accepted
    .filter(({ call }) => call.key !== undefined)
    .map((one) => ({ ...one, name: keyNameOf(one.call.sessionId, one.call.key ?? "") }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const [first] = keyed;
  if (first === undefined) {
    return new Set();
  }
  const rows = await uow.query(takeKeys, [
    keyed.map(({ call }) => call.sessionId),
    keyed.map(({ call }) => call.key),
    keyed.map(({ call }) => call.requestHash),
    keyed.map(({ order }) => order.id),
    first.order.createdAt,
  ]);
  return new Set(rows.map(({ order_id }) => order_id));
}
