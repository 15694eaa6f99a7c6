import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { TestDatabase } from "@ordersaga/testkit";

import {
  createPaymentDatabase,
  newSagaId,
  type PaymentUnderTest,
  startPaymentUnderTest,
} from "../testing/payment-under-test.ts";
import { type ProviderProcess, startProviderProcess } from "../testing/provider-process.ts";

const opened = new AsyncDisposableStack();
const sessionId = "s";
const reason = "The parcel was lost.";
let provider: ProviderProcess;
let stored: TestDatabase;
let payment: PaymentUnderTest;

before(async () => {
  provider = opened.use(await startProviderProcess());
  stored = opened.use(await createPaymentDatabase());
  payment = opened.use(
    await startPaymentUnderTest({ test: stored, providerUrl: provider.baseUrl }),
  );
});
after(() => opened.disposeAsync());

async function charged(): Promise<string> {
  const sagaId = newSagaId();
  await payment.do({ sagaId });
  await payment.until(sagaId, "SUCCEEDED");
  return sagaId;
}

test("money goes back only after order-confirmed was heard, and then once", async () => {
  const sagaId = await charged();
  const wish = { sagaId, sessionId, reason };
  assert.deepEqual(await payment.refund(wish), { kind: "not-confirmed" });
  assert.equal(await payment.statusOf(sagaId), "SUCCEEDED");
  await payment.confirm({ sagaId });
  const results = await Promise.all(Array.from({ length: 4 }, () => payment.refund(wish)));
  assert.deepEqual(new Set(results.map(({ kind }) => kind)), new Set(["refunding"]));
  await payment.until(sagaId, "REFUNDED");
  assert.equal(await provider.ledgerOf(sagaId), "REFUNDED");
  assert.deepEqual(await payment.refund(wish), { kind: "refunding", sessionId });
  assert.deepEqual(await payment.told(sagaId), ["PaymentSucceeded", "PaymentRefunded"]);
  const audits = await stored.query("select reason from audit where target::uuid = $1", [sagaId]);
  assert.deepEqual(audits, [{ reason }]);
});

test("messages of the saga that come late change nothing about a refund", async () => {
  const sagaId = await charged();
  await payment.confirm({ sagaId });
  await payment.refund({ sagaId, sessionId: undefined, reason });
  await payment.until(sagaId, "REFUNDED");
  await payment.confirm({ sagaId });
  await payment.do({ sagaId });
  await payment.undo({ sagaId });
  assert.equal(await payment.statusOf(sagaId), "REFUNDED");
  assert.equal(await provider.ledgerOf(sagaId), "REFUNDED");
});

test("a saga's own undo is not the operator's to repeat", async () => {
  const sagaId = await charged();
  await payment.undo({ sagaId });
  await payment.until(sagaId, "REFUNDED");
  assert.deepEqual(await payment.refund({ sagaId, sessionId, reason }), { kind: "not-confirmed" });
  const unknown = await payment.refund({ sagaId, sessionId: "other", reason });
  assert.deepEqual(unknown, { kind: "not-found" });
});
