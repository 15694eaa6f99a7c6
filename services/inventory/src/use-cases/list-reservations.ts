import type { Database } from "@ordersaga/outbox";

import type { ReservationStatus } from "../domain/reservation.ts";
import { ReservationRecord } from "../persistence/reservation.entity.ts";

/** Where a page of reservations begins: behind this one. */
export type AfterReservation = { readonly sagaId: string; readonly sessionId: string };

/**
 * Reads one page of reservations, the newest saga first (saga ids grow with time); without a session,
 * those of all sessions.
 */
export async function listReservations(
  database: Database,
  page: {
    readonly sessionId: string | undefined;
    readonly status: ReservationStatus | undefined;
    readonly after: AfterReservation | undefined;
    readonly limit: number;
  },
): Promise<readonly ReservationRecord[]> {
  const { sessionId, status, after, limit } = page;
  const where = {
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(status === undefined ? {} : { status }),
    ...(after === undefined ? {} : behind(after, sessionId)),
  };
  return await database
    .em()
    .find(ReservationRecord, where, { orderBy: { sagaId: "desc", sessionId: "desc" }, limit });
}

function behind(after: AfterReservation, sessionId: string | undefined) {
  return sessionId === undefined
    ? {
        $or: [
          { sagaId: { $lt: after.sagaId } },
          { sagaId: after.sagaId, sessionId: { $lt: after.sessionId } },
        ],
      }
    : { sagaId: { $lt: after.sagaId } };
}
