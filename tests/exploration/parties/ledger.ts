import type { LedgerStatus } from "@ordersaga/payment-provider/src/domain/ledger-entry.ts";

import type { LedgerInput } from "./rules.ts";

/** Where a key stands after an operation, and whether money went: 1 was taken, -1 was given back. */
export type LedgerMove = {
  readonly status: LedgerStatus;
  readonly moved: -1 | 0 | 1;
  /** Only a mutant answers without writing the status down. */
  readonly isRecorded?: false;
};

/**
 * The provider's decision about one key. The service makes it in one SQL statement, `writeLedger`;
 * `ledger.int.test.ts` compares the two over every sequence of operations.
 */
export function writeEntry(from: LedgerStatus | undefined, operation: LedgerInput): LedgerMove {
  if (operation.kind === "cancel") {
    return cancel(from);
  }
  if (from !== undefined) {
    return { status: from, moved: 0 };
  }
  const { verdict } = operation;
  return { status: verdict, moved: verdict === "CHARGED" ? 1 : 0 };
}

/** What a charge that was left pending becomes when its time has come. */
export function settleEntry(from: LedgerStatus): LedgerMove {
  return from === "PENDING" ? { status: "CHARGED", moved: 1 } : { status: from, moved: 0 };
}

function cancel(from: LedgerStatus | undefined): LedgerMove {
  switch (from) {
    case undefined:
    case "PENDING":
      return { status: "VOID", moved: 0 };
    case "CHARGED":
      return { status: "REFUNDED", moved: -1 };
    default:
      return { status: from, moved: 0 };
  }
}
