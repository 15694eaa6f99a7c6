import type { Database } from "@ordersaga/outbox";

import type { StandingOrder } from "../domain/saga-facts.ts";
import type { OrderFilter, OrderReads } from "../use-cases/order-reads.ts";
import { orderColumnNames, orderOf, type OrderRow } from "./order-statements.ts";
import {
  findSagasById,
  sagaColumns,
  sagaFactsOf,
  type SagaRow,
  selectSagas,
} from "./saga-statements.ts";
import { select, when } from "./select.ts";

/** Answers questions about orders and sagas from the service's own database. */
export function orderReadsIn(database: Pick<Database, "query">): OrderReads {
  const listOrders = async (filter: OrderSelection): Promise<readonly StandingOrder[]> => {
    const { statement, values } = selectOrders(filter);
    const rows = await database.query(statement, values);
    return rows.map((row) => ({ order: orderOf(row), saga: sagaFactsOf(row) }));
  };
  const findSagas: OrderReads["findSagas"] = async (ids) =>
    (await database.query(findSagasById, [ids])).map(sagaFactsOf);
  return {
    findOrder: async (one) => (await listOrders({ ...everything, ...one })).at(0),
    findSaga: async ({ id, sessionId }) =>
      (await findSagas([id])).find(
        (saga) => sessionId === undefined || saga.sessionId === sessionId,
      ),
    listOrders,
    listSagas: async (filter) => {
      const { statement, values } = selectSagas(filter);
      return (await database.query(statement, values)).map(sagaFactsOf);
    },
    findSagas,
  };
}

type OrderSelection = OrderFilter & { readonly id?: string };

const everything = { userId: undefined, status: undefined, before: undefined, limit: 1 };

function selectOrders(filter: OrderSelection) {
  return select<OrderRow & SagaRow>({
    name: "order.list-orders",
    from: `SELECT ${orderColumnNames}, ${sagaColumns}
      FROM orders AS o, ${sagaOfOrder} AS s`,
    conditions: [
      when("id", "o.id = ?::uuid", filter.id),
      when("session", "o.session_id = ?::text", filter.sessionId),
      when("user", "o.user_id = ?::text", filter.userId),
      when("status", "s.progress = ?::text", filter.status),
      when("before", "o.id < ?::uuid", filter.before),
    ],
    orderBy: "o.id DESC",
    limit: filter.limit,
  });
}

/**
 * Each order's saga is looked up by its key, whatever the planner believes about the size of tables that
 * have just been filled: `OFFSET 0` keeps it from joining whole sessions.
 */
const sagaOfOrder = `LATERAL (SELECT * FROM saga
  WHERE saga.saga_id = o.id AND saga.session_id = o.session_id OFFSET 0)`;
