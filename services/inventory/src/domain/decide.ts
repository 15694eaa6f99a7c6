import type { Line, Request, Reservation, Shortage } from "./reservation.ts";

/** What happens to the stock of the reservation's lines. */
export type Movement = "none" | "hold" | "return" | "sell";

/** Where the reservation stands after a request; its state is also the answer. */
export type Decision = {
  /** Undefined only after a finish that no reservation precedes: there is nothing to answer. */
  readonly reservation: Reservation | undefined;
  readonly movement: Movement;
};

/**
 * Decides what one request does to one reservation. This is the inventory table of the saga's protocol,
 * row by row; a request for which it has no arrow changes nothing and is answered from the record.
 *
 * `shortagesOf` says what is missing for some lines at this moment; it is asked only about a first do.
 */
export function decide(
  reservation: Reservation | undefined,
  request: Request,
  shortagesOf: (lines: readonly Line[]) => readonly Shortage[],
): Decision {
  if (reservation === undefined) {
    return begin(request, shortagesOf);
  }
  return reservation.status === "PENDING"
    ? settle(reservation.lines, request)
    : { reservation, movement: "none" };
}

/** The row "none". */
function begin(
  request: Request,
  shortagesOf: (lines: readonly Line[]) => readonly Shortage[],
): Decision {
  if (request.kind === "do") {
    const { lines } = request;
    const shortages = shortagesOf(lines);
    return shortages.length === 0
      ? { reservation: { status: "PENDING", lines }, movement: "hold" }
      : { reservation: { status: "REFUSED", lines, shortages }, movement: "none" };
  }
  if (request.kind === "undo") {
    const tombstone: Reservation = { status: "RELEASED", lines: [], cause: request.cause };
    return { reservation: tombstone, movement: "none" };
  }
  return { reservation: undefined, movement: "none" };
}

/** The row "reserved". */
function settle(lines: readonly Line[], request: Request): Decision {
  if (request.kind === "do") {
    return { reservation: { status: "PENDING", lines }, movement: "none" };
  }
  if (request.kind === "undo") {
    return { reservation: { status: "RELEASED", lines, cause: request.cause }, movement: "return" };
  }
  return { reservation: { status: "CONFIRMED", lines }, movement: "sell" };
}
