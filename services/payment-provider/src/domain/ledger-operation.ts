import type { Verdict } from "./first-verdict.ts";
import type { Amount, LedgerEntry } from "./ledger-entry.ts";

/**
 * One entry in the making: `charge` takes money if the key is new and changes nothing if it is not;
 * `cancel` makes a new key void, gives the money of a charged one back, and changes nothing else.
 */
export type LedgerOperation =
  | {
      readonly kind: "charge";
      readonly key: string;
      readonly amount: Amount;
      /** What a new key is recorded as. */
      readonly verdict: Verdict;
      /** When a pending entry becomes a charge. */
      readonly dueAt: Date;
    }
  | { readonly kind: "cancel"; readonly key: string };

export type LedgerResult = {
  readonly entry: LedgerEntry;
  /** This operation was the first to name the key. */
  readonly wasCreated: boolean;
};
