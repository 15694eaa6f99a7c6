import { decide } from "./decide.ts";
import type { Request, Reservation } from "./reservation.ts";
import { Stock, type StockChange, type StockRow } from "./stock.ts";

/** Names one reservation: a saga has one in its session. */
export type ReservationKey = { readonly sagaId: string; readonly sessionId: string };

export type SagaRequest = ReservationKey & { readonly request: Request };

/** What was recorded of one saga. */
export type ReservationRow = ReservationKey & { readonly reservation: Reservation };

/** All that a set of requests does, ready to be written in a few statements. */
export type SetDecision = {
  /** Where each request's reservation stood right after it, in the order of the requests. */
  readonly answers: readonly (Reservation | undefined)[];
  /** Reservations that were not there before, as they stand at the end of the set. */
  readonly inserted: readonly ReservationRow[];
  /** Reservations that changed, as they stand at the end of the set. */
  readonly updated: readonly ReservationRow[];
  /** One change for each product, whatever the number of requests. */
  readonly stockChanges: readonly StockChange[];
};

/**
 * Decides a set of requests one after the other, in order, against what is recorded and in stock. The
 * first to ask is the first to get; an order of several lines gets all of them or none.
 */
export function decideSet(
  requests: readonly SagaRequest[],
  recorded: readonly ReservationRow[],
  stockRows: readonly StockRow[],
): SetDecision {
  const stock = new Stock(stockRows);
  const before = new Map(recorded.map((row) => [textOf(row), row]));
  const current = new Map(before);
  const changed = new Set<string>();
  const answers = requests.map(({ sagaId, sessionId, request }) => {
    const key = textOf({ sagaId, sessionId });
    const from = current.get(key)?.reservation;
    const { reservation, movement } = decide(from, request, (lines) =>
      stock.shortagesOf(sessionId, lines),
    );
    if (reservation !== undefined && reservation.status !== from?.status) {
      stock.move(movement, sessionId, reservation.lines);
      current.set(key, { sagaId, sessionId, reservation });
      changed.add(key);
    }
    return reservation;
  });
  const inserted: ReservationRow[] = [];
  const updated: ReservationRow[] = [];
  for (const key of [...changed].toSorted()) {
    const row = current.get(key);
    if (row !== undefined) {
      (before.has(key) ? updated : inserted).push(row);
    }
  }
  return { answers, inserted, updated, stockChanges: stock.changes() };
}

/** Sorts by session, then saga: the one order in which reservation rows are locked and inserted. */
function textOf({ sessionId, sagaId }: ReservationKey): string {
  return `${sessionId}\n${sagaId}`;
}
