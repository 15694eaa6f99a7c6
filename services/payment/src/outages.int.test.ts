import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { type TestDatabase, waitFor } from "@ordersaga/testkit";

import {
  createPaymentDatabase,
  newSagaId,
  type PaymentUnderTest,
  startPaymentUnderTest,
} from "./testing/payment-under-test.ts";
import { type ProviderProcess, startProviderProcess } from "./testing/provider-process.ts";

const opened = new AsyncDisposableStack();
let provider: ProviderProcess;
let stored: TestDatabase;

before(async () => {
  provider = opened.use(await startProviderProcess({ PROVIDER_SLOW_MS: "400" }));
  stored = opened.use(await createPaymentDatabase());
});
after(() => opened.disposeAsync());

const start = (environment: Readonly<Record<string, string>> = {}): Promise<PaymentUnderTest> =>
  startPaymentUnderTest({ test: stored, providerUrl: provider.baseUrl, environment });

async function attemptsOf(sagaId: string): Promise<number> {
  const [row] = await stored.query<{ attempts: number }>(
    "select attempts from payment where saga_id = $1",
    [sagaId],
  );
  return row?.attempts ?? -1;
}

test("while the provider is dead payments wait, no attempt is burnt, and then all are made", async () => {
  await using payment = await start();
  provider.signal("SIGKILL");
  const early = Array.from({ length: 50 }, () => ({ sagaId: newSagaId() }));
  const late = Array.from({ length: 50 }, () => ({ sagaId: newSagaId() }));
  await payment.do(...early);
  await waitFor(
    async () => {
      const [row] = await stored.query<{ put_off: number }>(
        `select count(*)::int as put_off from payment
         where next_call_at < created_at + interval '900 ms'`,
      );
      return row?.put_off === early.length;
    },
    { withinMs: 3000, describe: "the failed calls to be put off" },
  );
  await payment.do(...late);
  await payment.undo(...early.slice(0, 5));
  assert.equal(await attemptsOf(early[7]?.sagaId ?? ""), 0);

  await provider.restart();
  for (const { sagaId } of [...early.slice(5), ...late]) {
    await payment.until(sagaId, "SUCCEEDED");
    assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
  }
  for (const { sagaId } of early.slice(0, 5)) {
    await payment.until(sagaId, "REFUNDED");
    assert.notEqual(await provider.ledgerOf(sagaId), "CHARGED");
  }
});

test("a provider that does not answer in time is asked again", async () => {
  await using payment = await start({ PROVIDER_TIMEOUT_MS: "200" });
  const sagaId = newSagaId();
  provider.signal("SIGSTOP");
  try {
    await payment.do({ sagaId });
    await waitFor(async () => (await attemptsOf(sagaId)) >= 1, { withinMs: 3000 });
    assert.equal(await payment.statusOf(sagaId), "CHARGING");
  } finally {
    provider.signal("SIGCONT");
  }
  await payment.until(sagaId, "SUCCEEDED");
  assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
});

test("a saga whose payment takes long is told once that it is pending", async () => {
  await using payment = await start({ PAYMENT_PENDING_AFTER_MS: "50" });
  const sagaId = newSagaId();
  await payment.do({ sagaId, token: "tok_slow" });
  await payment.until(sagaId, "SUCCEEDED");
  assert.deepEqual(await payment.told(sagaId), ["PaymentPending", "PaymentSucceeded"]);
});

test("a repeated do hears again that the payment is pending", async () => {
  await using payment = await start({ PAYMENT_PENDING_AFTER_MS: "50" });
  const sagaId = newSagaId();
  await payment.do({ sagaId, token: "tok_unreachable" });
  await waitFor(async () => (await payment.told(sagaId)).length > 0, { withinMs: 3000 });
  await payment.do({ sagaId, token: "tok_unreachable" });
  assert.deepEqual(await payment.told(sagaId), ["PaymentPending", "PaymentPending"]);
  await payment.undo({ sagaId });
  await payment.until(sagaId, "REFUNDED");
});

test("a charge that is open when payment dies is resumed by the next process, without a message", async () => {
  const sagaId = newSagaId();
  {
    await using dying = await startPaymentUnderTest({
      test: stored,
      providerUrl: "http://127.0.0.1:9",
      environment: {
        PROVIDER_TIMEOUT_MS: "60000",
        PROVIDER_AWAY_FIRST_MS: "60000",
        PROVIDER_AWAY_MAX_MS: "60000",
      },
    });
    await dying.do({ sagaId });
    assert.equal(await dying.statusOf(sagaId), "CHARGING");
  }
  await using payment = await start();
  await payment.until(sagaId, "SUCCEEDED");
  assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
});

test("two processes over one database ask and answer once for each payment", async () => {
  await using one = await start();
  await using other = await start();
  const asked = Array.from({ length: 100 }, () => ({ sagaId: newSagaId() }));
  await Promise.all([one.do(...asked), other.do(...asked.toReversed())]);
  for (const { sagaId } of asked) {
    await one.until(sagaId, "SUCCEEDED");
    const { entries } = await provider.client.listLedgerEntries({ keyPrefix: sagaId });
    assert.equal(entries.length, 1);
  }
});
