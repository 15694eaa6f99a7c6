import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type ReservationSchema,
  ReservationStatus as Status,
} from "@ordersaga/gen/inventory/v1/inventory_service";
import { hexOfUuid } from "@ordersaga/kernel";
import { decodePageToken, encodePageToken, pageSizeOf } from "@ordersaga/rpc";

import type { ReservationStatus } from "../domain/reservation.ts";
import type { ReservationRecord } from "../persistence/reservation.entity.ts";
import { listReservations } from "../use-cases/list-reservations.ts";
import type { InventoryHandlers, InventoryResources } from "./inventory-handlers.ts";
import { anySession, sessionPattern } from "./session.ts";

/** ListReservations. */
export function listReservationsHandler({
  database,
}: InventoryResources): InventoryHandlers["listReservations"] {
  return async ({ pageSize, pageToken, status: asked }, context) => {
    const size = pageSizeOf(pageSize, { default: 50, max: 1000 });
    const status = statusOf(asked);
    const filter = { list: "reservations", session: context.sessionId, status };
    const key = decodePageToken(pageToken, { filter, key: [uuidPattern, sessionPattern] });
    const reservations = await listReservations(database, {
      sessionId: anySession(context),
      status,
      after: key && { sagaId: key[0] ?? "", sessionId: key[1] ?? "" },
      limit: size + 1,
    });
    const shown = reservations.slice(0, size);
    const last = reservations.length > size ? shown.at(-1) : undefined;
    return {
      reservations: shown.map(reservationMessage),
      nextPageToken: last ? encodePageToken({ key: [last.sagaId, last.sessionId], filter }) : "",
    };
  };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const statusNumbers = {
  PENDING: Status.PENDING,
  CONFIRMED: Status.CONFIRMED,
  RELEASED: Status.RELEASED,
  REFUSED: Status.REFUSED,
} as const satisfies Record<ReservationStatus, Status>;

/** Undefined for "unspecified", which asks for all. */
function statusOf(asked: Status): ReservationStatus | undefined {
  return (Object.keys(statusNumbers) as ReservationStatus[]).find(
    (status) => statusNumbers[status] === asked,
  );
}

function reservationMessage(record: ReservationRecord): MessageInitShape<typeof ReservationSchema> {
  return {
    sagaId: hexOfUuid(record.sagaId) ?? record.sagaId,
    orderId: record.sagaId,
    status: statusNumbers[record.status],
    lines: record.lines.map(({ productId, quantity }) => ({ productId, quantity })),
    createTime: timestampFromDate(record.createdAt),
    updateTime: timestampFromDate(record.updatedAt),
  };
}
