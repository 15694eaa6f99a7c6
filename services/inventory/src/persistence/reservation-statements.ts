import { hexOfUuid } from "@ordersaga/kernel";
import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { ReservationKey, ReservationRow } from "../domain/decide-set.ts";
import type { Line, Reservation, ReservationStatus, Shortage } from "../domain/reservation.ts";

/**
 * Locks and reads what is recorded of some sagas. Rows are locked in the order of session and saga. A
 * saga without a row cannot be locked: whoever inserts its row second gets a `CONFLICT`.
 */
export async function lockReservations(
  uow: UnitOfWork,
  keys: readonly ReservationKey[],
): Promise<readonly ReservationRow[]> {
  const rows = await uow.query(lock, [keys.map(sessionOf), keys.map(sagaOf)]);
  return rows.map((row) => ({
    sessionId: row.session_id,
    sagaId: hexOfUuid(row.saga_id) ?? row.saga_id,
    reservation: reservationOf(row),
  }));
}

/**
 * Inserts rows for sagas that had none. Give them in the order of session and saga. It is sent and not
 * waited for: should it fail, so does the unit of work.
 */
export function insertReservations(uow: UnitOfWork, rows: readonly ReservationRow[]): void {
  const columns = rows.map(({ reservation }) => columnsOf(reservation));
  void uow.query(insert, [
    rows.map(sessionOf),
    rows.map(sagaOf),
    columns.map(({ status }) => status),
    columns.map(({ lines }) => JSON.stringify(lines)),
    columns.map(({ shortages }) => (shortages === null ? null : JSON.stringify(shortages))),
    columns.map(({ cause_code }) => cause_code),
    columns.map(({ cause_message }) => cause_message),
  ]);
}

/**
 * Settles rows that this unit of work has locked: a new status and, if released, the cause. It is sent
 * and not waited for: should it fail, so does the unit of work.
 */
export function settleReservations(uow: UnitOfWork, rows: readonly ReservationRow[]): void {
  const columns = rows.map(({ reservation }) => columnsOf(reservation));
  void uow.query(settle, [
    rows.map(sessionOf),
    rows.map(sagaOf),
    columns.map(({ status }) => status),
    columns.map(({ cause_code }) => cause_code),
    columns.map(({ cause_message }) => cause_message),
  ]);
}

type Columns = {
  readonly status: ReservationStatus;
  readonly lines: readonly Line[];
  readonly shortages: readonly Shortage[] | null;
  readonly cause_code: string | null;
  readonly cause_message: string | null;
};

type Row = Columns & { readonly session_id: string; readonly saga_id: string };

// One look into the key after the other, sorted: that is the order in which the rows are locked.
const lock: Statement<Row> = {
  name: "reservation.lock",
  text: `
    select r.*
    from (
      select distinct session_id collate "C" as session_id, saga_id
      from unnest($1::text[], $2::uuid[]) as asked (session_id, saga_id)
      order by 1, 2
    ) asked
    cross join lateral (
      select r.session_id, r.saga_id, r.status, r.lines, r.shortages, r.cause_code, r.cause_message
      from reservation r
      where r.session_id = asked.session_id and r.saga_id = asked.saga_id
      for update
    ) r
  `,
};

const insert: Statement<never> = {
  name: "reservation.insert",
  text: `
    insert into reservation
      (session_id, saga_id, status, lines, shortages, cause_code, cause_message)
    select * from unnest(
      $1::text[], $2::uuid[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[], $7::text[]
    )
  `,
};

const settle: Statement<never> = {
  name: "reservation.settle",
  text: `
    update reservation r set
      status = settled.status,
      cause_code = settled.cause_code,
      cause_message = settled.cause_message,
      updated_at = now()
    from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
      as settled (session_id, saga_id, status, cause_code, cause_message)
    where r.session_id = settled.session_id and r.saga_id = settled.saga_id
  `,
};

/** What a row records. */
export function reservationOf(row: Columns): Reservation {
  const { status, lines } = row;
  switch (status) {
    case "REFUSED":
      return { status, lines, shortages: row.shortages ?? [] };
    case "RELEASED": {
      const cause = { code: row.cause_code ?? "", message: row.cause_message ?? "" };
      return { status, lines, cause };
    }
    default:
      return { status, lines };
  }
}

function columnsOf(reservation: Reservation): Columns {
  const { status, lines } = reservation;
  return {
    status,
    lines,
    shortages: status === "REFUSED" ? reservation.shortages : null,
    cause_code: status === "RELEASED" ? reservation.cause.code : null,
    cause_message: status === "RELEASED" ? reservation.cause.message : null,
  };
}

function sessionOf({ sessionId }: ReservationKey): string {
  return sessionId;
}

function sagaOf({ sagaId }: ReservationKey): string {
  return sagaId;
}
