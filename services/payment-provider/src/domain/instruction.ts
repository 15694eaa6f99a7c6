import type { Amount, LedgerEntry } from "./ledger-entry.ts";

/** What a caller asks for one key. */
export type Instruction =
  | {
      readonly kind: "charge";
      readonly key: string;
      readonly amount: Amount;
      readonly token: string;
    }
  | { readonly kind: "cancel"; readonly key: string };

/** What became of one instruction. */
export type Outcome =
  | { readonly kind: "answered"; readonly entry: LedgerEntry }
  /** It is durable, but this call never hears of it. */
  | { readonly kind: "answer-lost" }
  /** It never reached the ledger. */
  | { readonly kind: "unreachable" }
  /** The key stands for a charge of another amount; nothing was changed. */
  | { readonly kind: "key-reused" };
