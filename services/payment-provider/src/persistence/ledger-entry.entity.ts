import { defineEntity, p } from "@mikro-orm/core";

import type { LedgerStatus } from "../domain/ledger-entry.ts";

/** One key of the ledger as it is stored. Written by `write-ledger.ts` only; this is for reading. */
const LedgerEntryRowSchema = defineEntity({
  name: "LedgerEntryRow",
  tableName: "ledger_entry",
  properties: {
    idempotencyKey: p.text().primary(),
    status: p.text().$type<LedgerStatus>(),
    currencyCode: p.text().nullable(),
    minorUnits: p.bigint("bigint").nullable(),
    declineCode: p.text(),
    chargeRequests: p.integer(),
    dueAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export class LedgerEntryRow extends LedgerEntryRowSchema.class {}
LedgerEntryRowSchema.setClass(LedgerEntryRow);
