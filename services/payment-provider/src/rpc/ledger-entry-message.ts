import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type LedgerEntrySchema,
  LedgerStatus as LedgerStatusMessage,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import type { LedgerEntry, LedgerStatus } from "../domain/ledger-entry.ts";

/** A ledger entry as callers see it. */
export function ledgerEntryMessage(entry: LedgerEntry): MessageInitShape<typeof LedgerEntrySchema> {
  return {
    idempotencyKey: entry.key,
    status: LedgerStatusMessage[entry.status],
    ...(entry.amount === undefined ? {} : { amount: entry.amount }),
    declineCode: entry.declineCode,
    createTime: timestampFromDate(entry.createdAt),
    updateTime: timestampFromDate(entry.updatedAt),
    chargeRequests: entry.chargeRequests,
  };
}

/** The status that a caller filters by; undefined when all are wanted. */
export function statusFilterOf(status: LedgerStatusMessage): LedgerStatus | undefined {
  return statuses.find((candidate) => LedgerStatusMessage[candidate] === status);
}

const statuses: readonly LedgerStatus[] = ["PENDING", "CHARGED", "DECLINED", "VOID", "REFUNDED"];
