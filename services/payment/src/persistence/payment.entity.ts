import { defineEntity, p } from "@mikro-orm/core";

import type { PaymentStatus } from "../domain/payment.ts";

const PaymentRecordSchema = defineEntity({
  name: "PaymentRecord",
  tableName: "payment",
  properties: {
    sagaId: p.uuid().primary(),
    sessionId: p.string().primary(),
    status: p.string().$type<PaymentStatus>(),
    userId: p.string().nullable(),
    currencyCode: p.string().nullable(),
    minorUnits: p.bigint("bigint").nullable(),
    declineCode: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** What payment remembers of one saga, as callers may read it. Written by statements only. */
export class PaymentRecord extends PaymentRecordSchema.class {}
PaymentRecordSchema.setClass(PaymentRecord);
