import type { Databases } from "./databases.ts";
import { type Finding, noCaseOf } from "./finding.ts";

/**
 * Compares what four stores say about each saga: the order service's decision, inventory's reservation,
 * payment's row and the provider's ledger (invariants I1 to I7 of the reliability anchors). Every store is
 * read whole, so that what belongs to no saga is found too.
 */
export async function compareLedgers(databases: Databases): Promise<readonly Finding[]> {
  const sagas = await databases.rows<SagaRow>("order", selectSagas);
  const orders = await databases.rows<OrderRow>("order", selectOrders);
  const reservations = await databases.rows<ReservationRow>("inventory", selectReservations);
  const payments = await databases.rows<PaymentRow>("payment", selectPayments);
  const entries = await databases.rows<EntryRow>("payment-provider", selectEntries);
  const sagaById = new Map(sagas.map((saga) => [saga.id, saga]));
  const orderById = new Map(orders.map((order) => [order.id, order]));
  const reservationById = new Map(reservations.map((row) => [row.id, row]));
  const paymentById = new Map(payments.map((row) => [row.id, row]));
  const entriesById = Map.groupBy(entries, ({ id }) => id);
  const confirmed = sagas.filter(({ decision }) => decision === "CONFIRMED");
  const aborted = sagas.filter(({ decision }) => decision !== "CONFIRMED");

  return [
    noCaseOf(
      "every accepted order has a saga, and every saga has ended",
      [
        ...orders.filter(({ id }) => !sagaById.has(id)).map(({ id }) => `${id} has no saga`),
        ...sagas
          .filter(({ has_ended: ended }) => !ended)
          .map(({ id, status }) => `${id} ${status}`),
        ...sagas.filter(({ id }) => !orderById.has(id)).map(({ id }) => `${id} has no order`),
      ],
      `${orders.length} orders, ${sagas.length} sagas`,
    ),
    noCaseOf(
      "a confirmed order has its goods and is charged its total, once",
      confirmed.flatMap(({ id }) => {
        const reservation = reservationById.get(id)?.status;
        const payment = paymentById.get(id)?.status;
        const [entry, ...more] = entriesById.get(id) ?? [];
        const isRight =
          reservation === "CONFIRMED" &&
          payment === "SUCCEEDED" &&
          more.length === 0 &&
          entry?.status === "CHARGED" &&
          entry.minor_units === orderById.get(id)?.total_minor;
        return isRight
          ? []
          : [`${id}: ${reservation}, ${payment}, ${entry?.status}, ${more.length} more entries`];
      }),
      `${confirmed.length} confirmed`,
    ),
    noCaseOf(
      "an aborted order holds no goods and no money",
      aborted.flatMap(({ id, decision }) => {
        const reservation = reservationById.get(id)?.status ?? "none";
        const payment = paymentById.get(id)?.status ?? "none";
        const inLedger = (entriesById.get(id) ?? []).map(({ status }) => status);
        const isRight =
          ["none", "RELEASED", "REFUSED"].includes(reservation) &&
          ["none", "DECLINED", "REFUNDED"].includes(payment) &&
          inLedger.every((entry) => ["DECLINED", "VOID", "REFUNDED"].includes(entry));
        return isRight
          ? []
          : [`${id} ${decision}: ${reservation}, ${payment}, ${inLedger.join(" and ")}`];
      }),
      `${aborted.length} aborted`,
    ),
    noCaseOf(
      "nothing is reserved or charged that no saga asked for",
      [...reservationById.keys(), ...paymentById.keys(), ...entriesById.keys()].filter(
        (id) => !sagaById.has(id),
      ),
      `${reservations.length} reservations, ${payments.length} payments, ${entries.length} entries`,
    ),
    noCaseOf(
      "money only went back for sagas that were aborted",
      entries
        .filter(({ status }) => status === "REFUNDED")
        .filter(({ id }) => sagaById.get(id)?.decision === "CONFIRMED")
        .map(({ id }) => id),
      `${entries.filter(({ status }) => status === "REFUNDED").length} refunds`,
    ),
  ];
}

type SagaRow = {
  readonly id: string;
  readonly decision: string | null;
  readonly status: string;
  readonly has_ended: boolean;
};
type OrderRow = { readonly id: string; readonly total_minor: string };
type ReservationRow = { readonly id: string; readonly status: string };
type PaymentRow = { readonly id: string; readonly status: string };
type EntryRow = {
  readonly id: string;
  readonly status: string;
  readonly minor_units: string | null;
};

const selectSagas = `
  select saga_id::text as id, decision, status, ended_at is not null as has_ended from saga`;
const selectOrders = "select id::text as id, total_minor::text from orders";
const selectReservations = "select saga_id::text as id, status from reservation";
const selectPayments = "select saga_id::text as id, status from payment";
const selectEntries = `
  select split_part(idempotency_key, ':', 1)::uuid::text as id, status, minor_units::text
  from ledger_entry`;
