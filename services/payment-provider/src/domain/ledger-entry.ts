/** Where one key stands. VOID, DECLINED and REFUNDED are final; CHARGED becomes REFUNDED at most. */
export type LedgerStatus = "PENDING" | "CHARGED" | "DECLINED" | "VOID" | "REFUNDED";

/** An amount in minor units of its currency. */
export type Amount = { readonly currencyCode: string; readonly minorUnits: bigint };

/** What the provider knows of one key, as it is after a charge, a cancel or a reading. */
export type LedgerEntry = {
  readonly key: string;
  readonly status: LedgerStatus;
  /** Undefined when the key was cancelled before anything was charged. */
  readonly amount: Amount | undefined;
  /** Why it was declined; empty otherwise. */
  readonly declineCode: string;
  /** How often the key was asked to be charged; repetitions and refused ones count. */
  readonly chargeRequests: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Whether a charge of this amount is the charge that the entry records. A void entry records none. */
export function isSameCharge(entry: LedgerEntry, amount: Amount): boolean {
  return (
    entry.amount === undefined ||
    (entry.amount.minorUnits === amount.minorUnits &&
      entry.amount.currencyCode === amount.currencyCode)
  );
}
