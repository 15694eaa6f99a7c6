import { LedgerStatus as WireStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { answerOf } from "@ordersaga/payment/src/rpc/provider-client.ts";
import type { LedgerStatus } from "@ordersaga/payment-provider/src/domain/ledger-entry.ts";

import { createInterner, type Interner } from "./interner.ts";
import { settleEntry } from "./ledger.ts";
import { type Outcome, outcome, remembered } from "./outcome.ts";
import type { LedgerInput, Rules } from "./rules.ts";
import { bitOfAnswer, wireCalls } from "./wire.ts";

/** How many different books of one order there may be. */
export const booksBits = 5;

/** What the provider remembers of one order's keys, and the truth about its money. */
export type Books = {
  readonly entries: Readonly<Record<string, LedgerStatus>>;
  /** Charges taken less refunds given, whether or not the provider remembers. */
  readonly balance: number;
};

/** What a first charge may find. */
export const verdicts = ["CHARGED", "DECLINED", "PENDING"] as const;

/** Inputs of the provider: call and verdict, then these. */
export const providerInputs = { settle: 12, forget: 13 } as const;

/** The provider's part of a world. Record 0 is that it knows nothing. */
export type ProviderParty = {
  readonly call: (books: number, call: number, verdict: number) => Outcome;
  readonly settle: (books: number) => Outcome;
  readonly forget: (books: number) => Outcome;
  /** Whether the verdict matters: the call would be the first to name its key. */
  readonly isFirst: (books: number, call: number) => boolean;
  readonly at: (books: number) => Books;
};

/** Makes the provider; `keys` numbers its keys. */
export function createProviderParty(rules: Rules, keys: Interner<string>): ProviderParty {
  const books = createInterner<Books>({
    name: "books",
    bits: booksBits,
    keyOf: ({ entries, balance }) =>
      JSON.stringify([Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)), balance]),
  });
  books.of({ entries: {}, balance: 0 });
  const next = remembered(14, (index, input) => {
    const before = books.at(index);
    switch (input) {
      case providerInputs.settle:
        return outcome(books.of(settled(before)));
      case providerInputs.forget:
        return outcome(books.of({ ...before, entries: {} }));
      default:
        return called(before, Math.floor(input / 3), input % 3);
    }
  });
  return {
    call: (index, call, verdict) => next(index, call * 3 + verdict),
    settle: (index) => next(index, providerInputs.settle),
    forget: (index) => next(index, providerInputs.forget),
    isFirst: (index, call) => {
      const found = wireCalls[call];
      return found?.call === "charge" && books.at(index).entries[keys.at(found.key)] === undefined;
    },
    at: books.at,
  };

  function called(before: Books, callBit: number, verdictIndex: number): Outcome {
    const { call, key } = wireCalls[callBit] ?? { call: "cancel", key: 0 };
    const name = keys.at(key);
    const verdict = verdicts[verdictIndex] ?? "CHARGED";
    const operation: LedgerInput = call === "cancel" ? { kind: call } : { kind: call, verdict };
    const made = rules.writeEntry(before.entries[name], operation);
    const { status, moved, isRecorded = true } = made;
    const entries = isRecorded ? { ...before.entries, [name]: status } : before.entries;
    const answer = answerOf({ status: WireStatus[status], declineCode: "" });
    return outcome(books.of({ entries, balance: before.balance + moved }), {
      wire: answer === undefined ? 0 : bitOfAnswer(answer.kind),
    });
  }
}

function settled(before: Books): Books {
  let { balance } = before;
  const entries = Object.entries(before.entries).map(([key, from]) => {
    const { status, moved } = settleEntry(from);
    balance += moved;
    return [key, status] as const;
  });
  return { entries: Object.fromEntries(entries), balance };
}
