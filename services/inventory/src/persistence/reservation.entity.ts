import { defineEntity, p } from "@mikro-orm/core";

import type { Line, ReservationStatus, Shortage } from "../domain/reservation.ts";

const ReservationRecordSchema = defineEntity({
  name: "ReservationRecord",
  tableName: "reservation",
  properties: {
    sessionId: p.string().primary(),
    sagaId: p.uuid().primary(),
    status: p.string().$type<ReservationStatus>(),
    lines: p.json().$type<readonly Line[]>(),
    shortages: p.json().$type<readonly Shortage[]>().nullable(),
    causeCode: p.string().nullable(),
    causeMessage: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** What inventory remembers of one saga, as a row. */
export class ReservationRecord extends ReservationRecordSchema.class {}
ReservationRecordSchema.setClass(ReservationRecord);
