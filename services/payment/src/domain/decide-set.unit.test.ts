import assert from "node:assert/strict";
import { test } from "node:test";

import { decideSet, type Heard, type PaymentRow } from "./decide-set.ts";
import type { Charge, Payment } from "./payment.ts";

const charge: Charge = {
  amount: { currencyCode: "EUR", minorUnits: 1999n },
  token: "tok_ok",
  userId: "user-1",
};
const cause = { code: "TIME_LIMIT", message: "" };
const key = { sagaId: "a", sessionId: "s" };

function asks(kind: "do" | "undo", context: string, of = key): Heard<string> {
  const heard = kind === "do" ? { kind, charge } : { kind, cause };
  return { ...of, heard, context };
}

function row(payment: Payment, more: Partial<PaymentRow<string>> = {}): PaymentRow<string> {
  return { ...key, payment, context: "stored", attempts: 0, isPendingTold: false, ...more };
}

test("a first do is recorded with its context and called, and says nothing yet", () => {
  const decision = decideSet([asks("do", "first")], []);
  assert.deepEqual(decision.answers, []);
  assert.deepEqual(decision.inserted, [row({ status: "CHARGING", charge }, { context: "first" })]);
  assert.deepEqual(
    decision.calls.map(({ call }) => call),
    ["charge"],
  );
});

test("several requests for one saga are decided in order and written once", () => {
  const decision = decideSet([asks("do", "1"), asks("do", "2"), asks("undo", "3")], []);
  assert.deepEqual(decision.inserted, [
    row({ status: "UNDOING", charge, cause }, { context: "3" }),
  ]);
  assert.deepEqual(decision.updated, []);
  assert.deepEqual(
    decision.calls.map(({ call }) => call),
    ["cancel"],
  );
});

test("an undo before its do leaves a tombstone that answers both, each in its own context", () => {
  const decision = decideSet([asks("undo", "1"), asks("do", "2")], []);
  assert.deepEqual(decision.answers, [
    { context: "1", answer: { kind: "refunded", cause } },
    { context: "2", answer: { kind: "refunded", cause } },
  ]);
  assert.deepEqual(decision.calls, []);
});

test("an answer of the provider is told in the context of the request that waits for it", () => {
  const recorded = row({ status: "CHARGING", charge }, { attempts: 3, isPendingTold: true });
  const decision = decideSet<string>([{ ...key, heard: { kind: "charged" } }], [recorded]);
  assert.deepEqual(decision.answers, [{ context: "stored", answer: { kind: "succeeded" } }]);
  assert.deepEqual(decision.updated, [row({ status: "SUCCEEDED", charge })]);
});

test("what changes nothing is not written", () => {
  const recorded = row({ status: "SUCCEEDED", charge });
  const decision = decideSet<string>(
    [asks("do", "again"), { ...key, heard: { kind: "charged" } }],
    [recorded],
  );
  assert.deepEqual(decision.answers, [{ context: "again", answer: { kind: "succeeded" } }]);
  assert.deepEqual([...decision.inserted, ...decision.updated, ...decision.calls], []);
});

test("that a payment is pending is said once, and again to who asks again", () => {
  const undecided = { ...key, heard: { kind: "undecided" } } as const;
  const decision = decideSet<string>(
    [undecided, undecided, asks("do", "again")],
    [row({ status: "CHARGING", charge })],
  );
  assert.deepEqual(decision.answers, [
    { context: "stored", answer: { kind: "pending" } },
    { context: "again", answer: { kind: "pending" } },
  ]);
  assert.deepEqual(decision.updated, [
    row({ status: "CHARGING", charge }, { attempts: 2, isPendingTold: true }),
  ]);
});

test("an answer for a saga that payment knows nothing of is dropped", () => {
  const decision = decideSet<string>([{ ...key, heard: { kind: "charged" } }], []);
  assert.deepEqual(decision, { answers: [], inserted: [], updated: [], calls: [] });
});

test("sessions do not mix", () => {
  const other = { ...key, sessionId: "other" };
  const decision = decideSet([asks("undo", "1", other), asks("do", "2")], []);
  assert.deepEqual(
    decision.inserted.map(({ sessionId, payment }) => [sessionId, payment.status]),
    [
      ["other", "REFUNDED"],
      ["s", "CHARGING"],
    ],
  );
});
