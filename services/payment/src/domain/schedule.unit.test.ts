import assert from "node:assert/strict";
import { test } from "node:test";

import type { PaymentRow } from "./decide-set.ts";
import { scheduleOf } from "./schedule.ts";

const charge = { amount: { currencyCode: "EUR", minorUnits: 1n }, token: "t", userId: "u" };
const now = new Date("2026-11-21T10:00:00Z");
const options = {
  now,
  notBefore: undefined,
  rng: () => 0.5,
  limits: {
    callWithinMs: 10_000,
    pendingAfterMs: 2000,
    retry: { attempts: 10, firstMs: 1000, factor: 2, maxMs: 30_000, jitter: 0.2 },
  },
};

function row(more: Partial<PaymentRow<string>>): PaymentRow<string> {
  const payment = { status: "CHARGING", charge } as const;
  const base = { sagaId: "a", sessionId: "s", context: "", attempts: 0, isPendingTold: false };
  return { ...base, payment, ...more };
}

const inMs = (time: Date | null): number | undefined => time?.getTime() && +time - +now;

test("a new charge is taken for lost a little after its deadline, and is pending before", () => {
  const { nextCallAt, pendingDueAt } = scheduleOf(row({}), options);
  assert.equal(inMs(nextCallAt), 11_000);
  assert.equal(inMs(pendingDueAt), 2000);
});

test("a new charge waits for a provider that is away", () => {
  const notBefore = new Date(now.getTime() + 70);
  const { nextCallAt } = scheduleOf(row({}), { ...options, notBefore });
  assert.equal(nextCallAt, notBefore);
});

test("each attempt waits longer, up to the limit", () => {
  const delays = [1, 2, 3, 20].map((attempts) =>
    inMs(scheduleOf(row({ attempts }), options).nextCallAt),
  );
  assert.deepEqual(delays, [1000, 2000, 4000, 30_000]);
});

test("what was told is not told again, and an undo tells no pending", () => {
  assert.equal(scheduleOf(row({ isPendingTold: true }), options).pendingDueAt, null);
  const payment = { status: "UNDOING", charge, cause: { code: "X", message: "" } } as const;
  const { nextCallAt, pendingDueAt } = scheduleOf(row({ payment }), options);
  assert.equal(inMs(nextCallAt), 11_000);
  assert.equal(pendingDueAt, null);
});

test("nothing is due for a payment that waits for nobody", () => {
  const payment = { status: "SUCCEEDED", charge } as const;
  assert.deepEqual(scheduleOf(row({ payment }), options), {
    nextCallAt: null,
    pendingDueAt: null,
  });
});
