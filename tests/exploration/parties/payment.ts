import type {
  ProcessPaymentRequest,
  RefundPaymentRequest,
} from "@ordersaga/gen/payment/command/v1/payment_commands";
import type { EventContext } from "@ordersaga/outbox";
import type { Heard, PaymentRow } from "@ordersaga/payment/src/domain/decide-set.ts";
import type { PaymentAnswer, PaymentRequest } from "@ordersaga/payment/src/domain/payment.ts";
import { openCallOf } from "@ordersaga/payment/src/domain/provider-call.ts";
import { scheduleOf, type ScheduleLimits } from "@ordersaga/payment/src/domain/schedule.ts";
import { answerMessage } from "@ordersaga/payment/src/messaging/answer.ts";
import { placeOrder } from "@ordersaga/place-order";
import { causeOf, type Trigger } from "@ordersaga/saga";
import { answerWith, versionsOf } from "@ordersaga/saga/testing";

import { now, sagaId, sessionId } from "./fixture.ts";
import { createInterner, type Interner } from "./interner.ts";
import { contextText, type MessageBook } from "./message-book.ts";
import { type Outcome, outcome, remembered } from "./outcome.ts";
import type { Rules } from "./rules.ts";
import { answerAt, bitOfCall, wireBits } from "./wire.ts";

/** How many different payments one order may have. */
export const paymentBits = 7;

/** Inputs of payment: 32 messages, then the provider's answers by their bit, then these. */
export const paymentInputs = {
  answers: 32,
  scan: 40,
  pending: 41,
  giveUp: 42,
  refund: 43,
} as const;
const inputCount = 44;

export type StoredPayment = PaymentRow<EventContext>;

/** Payment's part of a world. Record 0 is that there is none. */
export type PaymentParty = {
  readonly next: (payment: number, input: number) => Outcome;
  readonly at: (payment: number) => StoredPayment | undefined;
};

/** Makes payment's part in the orders of one coordination; `keys` numbers the provider's keys. */
export function createPaymentParty(options: {
  readonly rules: Rules;
  readonly book: MessageBook;
  readonly keys: Interner<string>;
}): PaymentParty {
  const { rules, book, keys } = options;
  const payments = createInterner<StoredPayment | undefined>({
    name: "payments",
    bits: paymentBits,
    keyOf: textOf,
  });
  payments.of(undefined);
  return {
    next: remembered(inputCount, (index, input) => {
      const before = payments.at(index);
      switch (input) {
        case paymentInputs.scan:
          return outcome(index, { wire: before === undefined ? 0 : callOf(before, before) });
        case paymentInputs.pending:
          return before === undefined ? outcome(index) : toldPending(index, before);
        default:
          return heard(before, inputOf(input));
      }
    }),
    at: (index) => payments.at(index),
  };

  function inputOf(input: number): Heard<EventContext> {
    const key = { sagaId, sessionId };
    if (input === paymentInputs.giveUp) {
      return { ...key, heard: { kind: "declined", declineCode: "time_limit" } };
    }
    if (input === paymentInputs.refund) {
      const cause = { code: "REFUNDED_BY_OPERATOR", message: "" };
      return { ...key, heard: { kind: "undo", cause }, context: book.at(0).context };
    }
    if (input >= paymentInputs.answers) {
      const kind = answerAt(input - paymentInputs.answers);
      const heardNow = kind === "declined" ? { kind, declineCode: "insufficient_funds" } : { kind };
      return { ...key, heard: heardNow };
    }
    const { payload, context, name, triggers } = book.at(input);
    if (triggers.payment === undefined) {
      throw new Error(`payment does not hear ${name}`);
    }
    const { request, state } = triggers.payment.read({ payload, state: context.state });
    return { ...key, heard: requestOf(triggers.payment, request), context: { ...context, state } };
  }

  /** What `createHear` does with its unit of work. */
  function heard(before: StoredPayment | undefined, input: Heard<EventContext>): Outcome {
    const { inserted, updated, answers, calls } = rules.decidePayments(
      [input],
      before === undefined ? [] : [before],
    );
    const after = inserted[0] ?? updated[0] ?? before;
    return outcome(payments.of(after === undefined ? undefined : { ...after, attempts: 0 }), {
      says: answers.reduce((mask, each) => mask | say(each.context, each.answer), 0),
      wire: calls.reduce((mask, { row }) => mask | callOf(row, before), 0),
    });
  }

  function say(context: EventContext, answer: PaymentAnswer): number {
    return book.maskOf([answerWith(versions, answerMessage(context, answer))]);
  }

  function callOf(row: StoredPayment, before: StoredPayment | undefined): number {
    const open = openCallOf(row);
    if (open === undefined) {
      return 0;
    }
    const isRepeated = before?.payment.status === row.payment.status;
    const key = keys.of(rules.keyOf(row, { isRepeated }));
    return bitOfCall(open.call, key) & ((1 << wireBits) - 1);
  }

  /** What the scanner does about a saga that is to be told that its payment takes longer. */
  function toldPending(index: number, before: StoredPayment): Outcome {
    const { pendingDueAt } = scheduleOf(before, { now, notBefore: undefined, limits, rng });
    return pendingDueAt === null
      ? outcome(index)
      : outcome(payments.of({ ...before, isPendingTold: true }), {
          says: say(before.context, { kind: "pending" }),
        });
  }
}

const versions = versionsOf([placeOrder]);
const limits: ScheduleLimits = {
  callWithinMs: 1000,
  pendingAfterMs: 1000,
  retry: { attempts: 3, firstMs: 1000, factor: 2, maxMs: 1000, jitter: 0 },
};
const rng = () => 0.5;

/** What the participant's handlers make of a request. */
function requestOf({ act }: Trigger, request: unknown): PaymentRequest {
  if (act === "undo") {
    return { kind: "undo", cause: causeOf((request as RefundPaymentRequest).cause) };
  }
  const { amount, paymentToken, userId } = request as ProcessPaymentRequest;
  if (amount === undefined) {
    throw new Error("a payment is asked for without an amount");
  }
  const { currencyCode, minorUnits } = amount;
  return {
    kind: "do",
    charge: { amount: { currencyCode, minorUnits }, token: paymentToken, userId },
  };
}

function textOf(row: StoredPayment | undefined): string {
  if (row === undefined) {
    return "none";
  }
  const payment = JSON.stringify(row.payment, (_name, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return `${payment} ${row.isPendingTold} ${contextText(row.context)}`;
}
