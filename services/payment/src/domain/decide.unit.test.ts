import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { decide, type Decision } from "./decide.ts";
import type { Charge, Payment, PaymentRequest, ProviderAnswer } from "./payment.ts";

const charge: Charge = {
  amount: { currencyCode: "EUR", minorUnits: 1999n },
  token: "tok_ok",
  userId: "user-1",
};
const cause = { code: "CANCELLED_BY_USER", message: "Changed my mind." };
const recorded = { code: "TIME_LIMIT", message: "The order was stuck." };

const charging: Payment = { status: "CHARGING", charge };
const succeeded: Payment = { status: "SUCCEEDED", charge };
const declined: Payment = { status: "DECLINED", charge, declineCode: "insufficient_funds" };
const undoing: Payment = { status: "UNDOING", charge, cause: recorded };
const refunded: Payment = { status: "REFUNDED", charge, cause: recorded };
const tombstone: Payment = { status: "REFUNDED", charge: undefined, cause };

const saysDeclined = { kind: "declined", declineCode: "insufficient_funds" } as const;
const saysRefunded = { kind: "refunded", cause: recorded } as const;

const heard = {
  do: { kind: "do", charge },
  undo: { kind: "undo", cause },
  charged: { kind: "charged" },
  declined: { kind: "declined", declineCode: "insufficient_funds" },
  undone: { kind: "undone" },
  undecided: { kind: "undecided" },
} as const satisfies Record<string, PaymentRequest | ProviderAnswer>;

const startsCharging: Decision = {
  payment: charging,
  answer: { kind: "pending" },
  call: "charge",
};
const startsUndoing: Decision = {
  payment: { status: "UNDOING", charge, cause },
  call: "cancel",
};
const goesOnUndoing: Decision = { payment: undoing, call: "cancel" };

/** The table of the protocol: one line for each record, one entry for each thing that can be heard. */
const table: Record<
  string,
  { record: Payment | undefined; by: Record<keyof typeof heard, Decision> }
> = {
  none: {
    record: undefined,
    by: {
      do: startsCharging,
      undo: { payment: tombstone, answer: { kind: "refunded", cause } },
      charged: { payment: undefined },
      declined: { payment: undefined },
      undone: { payment: undefined },
      undecided: { payment: undefined },
    },
  },
  charging: {
    record: charging,
    by: {
      do: startsCharging,
      undo: startsUndoing,
      charged: { payment: succeeded, answer: { kind: "succeeded" } },
      declined: { payment: declined, answer: saysDeclined },
      undone: { payment: charging },
      undecided: { payment: charging, answer: { kind: "pending" } },
    },
  },
  succeeded: {
    record: succeeded,
    by: {
      do: { payment: succeeded, answer: { kind: "succeeded" } },
      undo: startsUndoing,
      charged: { payment: succeeded },
      declined: { payment: succeeded },
      undone: { payment: succeeded },
      undecided: { payment: succeeded },
    },
  },
  undoing: {
    record: undoing,
    by: {
      do: goesOnUndoing,
      undo: goesOnUndoing,
      charged: goesOnUndoing,
      declined: { payment: declined, answer: saysDeclined },
      undone: { payment: refunded, answer: saysRefunded },
      undecided: { payment: undoing },
    },
  },
  declined: {
    record: declined,
    by: {
      do: { payment: declined, answer: saysDeclined },
      undo: { payment: declined, answer: saysDeclined },
      charged: { payment: declined },
      declined: { payment: declined },
      undone: { payment: declined },
      undecided: { payment: declined },
    },
  },
  refunded: {
    record: refunded,
    by: {
      do: { payment: refunded, answer: saysRefunded },
      undo: { payment: refunded, answer: saysRefunded },
      charged: { payment: refunded },
      declined: { payment: refunded },
      undone: { payment: refunded },
      undecided: { payment: refunded },
    },
  },
};

for (const [name, { record, by }] of Object.entries(table)) {
  describe(`a payment that is ${name}`, () => {
    for (const [what, expected] of Object.entries(by)) {
      test(`hears "${what}"`, () => {
        assert.deepEqual(decide(record, heard[what as keyof typeof heard]), expected);
      });
    }
  });
}

test("a tombstone refuses the late do", () => {
  assert.deepEqual(decide(tombstone, heard.do), {
    payment: tombstone,
    answer: { kind: "refunded", cause },
  });
});

test("a do with another amount changes nothing of the charge that is recorded", () => {
  const other = { ...charge, amount: { currencyCode: "EUR", minorUnits: 1n } };
  assert.deepEqual(decide(charging, { kind: "do", charge: other }).payment, charging);
});
