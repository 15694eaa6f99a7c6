import { callOf, decide } from "./decide.ts";
import type {
  Payment,
  PaymentAnswer,
  PaymentRequest,
  ProviderAnswer,
  ProviderCall,
} from "./payment.ts";

/** Names one payment: a saga has one in its session. */
export type PaymentKey = { readonly sagaId: string; readonly sessionId: string };

/**
 * What is recorded of one saga. `C` is the context that an answer needs to find its way; payment keeps the
 * one of the request that brought the record to where it is.
 */
export type PaymentRow<C> = PaymentKey & {
  readonly payment: Payment;
  readonly context: C;
  /** How often the call that the status stands for came back without a decision. */
  readonly attempts: number;
  /** The saga was told that the payment takes longer. */
  readonly isPendingTold: boolean;
};

/** Something that is heard about one saga: its own request, or an answer of the provider. */
export type Heard<C> = PaymentKey &
  (
    | { readonly heard: PaymentRequest; readonly context: C }
    | { readonly heard: ProviderAnswer; readonly context?: undefined }
  );

/** All that a set of requests or of answers does, ready to be written in a few statements. */
export type SetDecision<C> = {
  readonly answers: readonly { readonly context: C; readonly answer: PaymentAnswer }[];
  /** Payments that were not there before, as they stand at the end of the set. */
  readonly inserted: readonly PaymentRow<C>[];
  /** Payments that changed, as they stand at the end of the set. */
  readonly updated: readonly PaymentRow<C>[];
  /** What to ask the provider when the rows are durable, one call for a payment at most. */
  readonly calls: readonly { readonly row: PaymentRow<C>; readonly call: ProviderCall }[];
};

/**
 * Decides a set one after the other, in order, against what is recorded. That a payment is pending is
 * said when the provider says so, and repeated to who asks again; a first request is not answered with
 * it, because the provider usually answers sooner than the message would arrive.
 */
export function decideSet<C>(
  set: readonly Heard<C>[],
  recorded: readonly PaymentRow<C>[],
): SetDecision<C> {
  const before = new Map(recorded.map((row) => [textOf(row), row]));
  const current = new Map(before);
  const answers: { readonly context: C; readonly answer: PaymentAnswer }[] = [];
  const calls = new Map<string, ProviderCall>();
  for (const item of set) {
    const key = textOf(item);
    const from = current.get(key);
    const { payment, answer, call } = decide(from?.payment, item.heard);
    const context = item.context ?? from?.context;
    if (payment === undefined || context === undefined) {
      continue;
    }
    if (answer !== undefined && (answer.kind !== "pending" || mayTellPending(item.heard, from))) {
      answers.push({ context, answer });
    }
    if (call !== undefined) {
      calls.set(key, call);
    }
    current.set(key, rowAfter(item, from, { payment, context }));
  }
  const changed = [...current].filter(([key, row]) => before.get(key) !== row);
  return {
    answers,
    inserted: changed.filter(([key]) => !before.has(key)).map(([, row]) => row),
    updated: changed.filter(([key]) => before.has(key)).map(([, row]) => row),
    calls: [...calls].flatMap(([key, call]) => {
      const row = current.get(key);
      return row !== undefined && callOf(row.payment) === call ? [{ row, call }] : [];
    }),
  };
}

function mayTellPending<C>(heard: Heard<C>["heard"], from: PaymentRow<C> | undefined): boolean {
  const wasTold = from?.isPendingTold === true;
  return heard.kind === "undecided" ? !wasTold : wasTold;
}

/** The same object when nothing changed. */
function rowAfter<C>(
  { sagaId, sessionId, heard }: Heard<C>,
  from: PaymentRow<C> | undefined,
  to: { readonly payment: Payment; readonly context: C },
): PaymentRow<C> {
  if (from?.payment.status !== to.payment.status) {
    // The context of an answer is that of the request it answers.
    const context = from !== undefined && isProviderAnswer(heard) ? from.context : to.context;
    return { sagaId, sessionId, payment: to.payment, context, attempts: 0, isPendingTold: false };
  }
  const isStillUndecided = heard.kind === "undecided" && from.payment.status === "CHARGING";
  return isStillUndecided ? { ...from, attempts: from.attempts + 1, isPendingTold: true } : from;
}

function isProviderAnswer(heard: PaymentRequest | ProviderAnswer): heard is ProviderAnswer {
  return heard.kind !== "do" && heard.kind !== "undo";
}

function textOf({ sagaId, sessionId }: PaymentKey): string {
  return `${sagaId}\n${sessionId}`;
}
