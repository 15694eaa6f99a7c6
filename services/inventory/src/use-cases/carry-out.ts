import type { UnitOfWork } from "@ordersaga/outbox";

import { decideSet, type ReservationRow, type SagaRequest } from "../domain/decide-set.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { ProductKey } from "../domain/stock.ts";
import {
  insertReservations,
  lockReservations,
  settleReservations,
} from "../persistence/reservation-statements.ts";
import { lockStock, moveStock } from "../persistence/stock-statements.ts";

/**
 * Carries out a set of requests in one unit of work and says where each reservation stands afterwards,
 * in the order of the requests; undefined where there was nothing to finish. All of a set are of one
 * kind. Whatever its size, it is two reads and at most two writes, and one row lock for each product:
 * many orders for one product cost no more than as many for different ones.
 */
export async function carryOut(
  uow: UnitOfWork,
  requests: readonly SagaRequest[],
): Promise<readonly (Reservation | undefined)[]> {
  const asked = stockAskedFor(requests);
  // Sent together: reservations are locked first, whoever locks, then products.
  const [recorded, stockAsked] = await Promise.all([
    lockReservations(uow, requests),
    asked.length === 0 ? [] : lockStock(uow, asked),
  ]);
  const held = asked.length === 0 ? stockHeldBy(recorded) : [];
  const stock = held.length === 0 ? stockAsked : await lockStock(uow, held);
  const { answers, inserted, updated, stockChanges } = decideSet(requests, recorded, stock);
  if (stockChanges.length > 0) {
    moveStock(uow, stockChanges);
  }
  if (inserted.length > 0) {
    insertReservations(uow, inserted);
  }
  if (updated.length > 0) {
    settleReservations(uow, updated);
  }
  return answers;
}

/** The products that a do asks for. */
function stockAskedFor(requests: readonly SagaRequest[]): readonly ProductKey[] {
  return distinct(
    requests.flatMap(({ sessionId, request }) =>
      request.kind === "do" ? request.lines.map(({ productId }) => ({ sessionId, productId })) : [],
    ),
  );
}

/** The products of which an undo or a finish will move pieces. */
function stockHeldBy(recorded: readonly ReservationRow[]): readonly ProductKey[] {
  return distinct(
    recorded.flatMap(({ sessionId, reservation }) =>
      reservation.status === "PENDING"
        ? reservation.lines.map(({ productId }) => ({ sessionId, productId }))
        : [],
    ),
  );
}

function distinct(keys: readonly ProductKey[]): readonly ProductKey[] {
  return [...new Map(keys.map((key) => [`${key.sessionId}\n${key.productId}`, key])).values()];
}
