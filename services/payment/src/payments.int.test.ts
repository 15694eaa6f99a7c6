import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

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
let payment: PaymentUnderTest;

before(async () => {
  provider = opened.use(
    await startProviderProcess({ PROVIDER_SLOW_MS: "400", PROVIDER_WEBHOOK_DELAY_MS: "150" }),
  );
  stored = opened.use(await createPaymentDatabase());
  payment = opened.use(
    await startPaymentUnderTest({ test: stored, providerUrl: provider.baseUrl }),
  );
});
after(() => opened.disposeAsync());

describe("a do", () => {
  test("takes the money and says so", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId });
    await payment.until(sagaId, "SUCCEEDED");
    assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentSucceeded"]);
  });

  test("that the provider declines says so, and takes nothing", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_declined" });
    await payment.until(sagaId, "DECLINED");
    assert.equal(await provider.ledgerOf(sagaId), "DECLINED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentDeclined"]);
  });

  test("for five hundred sagas is done as a set", async () => {
    const asked = Array.from({ length: 500 }, (_, index) => ({
      sagaId: newSagaId(),
      token: index % 10 === 0 ? "tok_declined" : "tok_ok",
    }));
    await payment.do(...asked);
    for (const { sagaId, token } of asked) {
      await payment.until(sagaId, token === "tok_ok" ? "SUCCEEDED" : "DECLINED");
    }
  });

  test("that is repeated, alone and within a set, is one charge", async () => {
    const sagaId = newSagaId();
    await Promise.all(
      Array.from({ length: 20 }, () => payment.do({ sagaId }, { sagaId }, { sagaId })),
    );
    await payment.until(sagaId, "SUCCEEDED");
    await payment.do({ sagaId });
    const entries = await provider.client.listLedgerEntries({ keyPrefix: sagaId });
    assert.deepEqual(
      entries.entries.map(({ amount }) => amount?.minorUnits),
      [1999n],
    );
    assert.deepEqual(new Set(await payment.told(sagaId)), new Set(["PaymentSucceeded"]));
  });

  test("that is repeated afterwards is answered again, without asking the provider", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId });
    await payment.until(sagaId, "SUCCEEDED");
    await payment.do({ sagaId });
    assert.deepEqual(await payment.told(sagaId), ["PaymentSucceeded", "PaymentSucceeded"]);
    assert.equal((await provider.entryOf(sagaId))?.chargeRequests, 1);
  });

  test("whose answer is lost is asked again and ends with one charge", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_timeout_after_charge" });
    await payment.until(sagaId, "SUCCEEDED");
    const entry = await provider.entryOf(sagaId);
    assert.equal(entry?.chargeRequests, 2);
    assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentSucceeded"]);
  });

  test("that the provider leaves pending says so once, and what came of it later", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_webhook" });
    await payment.until(sagaId, "SUCCEEDED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentPending", "PaymentSucceeded"]);
  });

  test("with a token that the provider refuses to read harms no other of its set", async () => {
    const good = Array.from({ length: 7 }, () => ({ sagaId: newSagaId() }));
    const bad = { sagaId: newSagaId(), token: "no token!" };
    await payment.do(...good.slice(0, 3), bad, ...good.slice(3));
    for (const { sagaId } of good) {
      await payment.until(sagaId, "SUCCEEDED");
    }
    assert.equal(await payment.statusOf(bad.sagaId), "CHARGING");
    await payment.undo(bad);
    await payment.until(bad.sagaId, "REFUNDED");
    assert.equal(await provider.ledgerOf(bad.sagaId), "VOID");
  });
});

describe("an undo", () => {
  test("gives the money back, and says so with its cause", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId });
    await payment.until(sagaId, "SUCCEEDED");
    await payment.undo({ sagaId });
    await payment.until(sagaId, "REFUNDED");
    assert.equal(await provider.ledgerOf(sagaId), "REFUNDED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentSucceeded", "PaymentRefunded"]);
  });

  test("that comes first leaves a tombstone, which refuses the late do", async () => {
    const sagaId = newSagaId();
    await payment.undo({ sagaId });
    await payment.do({ sagaId });
    assert.equal(await payment.statusOf(sagaId), "REFUNDED");
    assert.equal(await provider.ledgerOf(sagaId), "none");
    assert.deepEqual(await payment.told(sagaId), ["PaymentRefunded", "PaymentRefunded"]);
  });

  test("that overtakes a slow charge voids it, and the charge takes nothing when it arrives", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_slow" });
    await payment.undo({ sagaId });
    await payment.until(sagaId, "REFUNDED");
    assert.equal(await provider.ledgerOf(sagaId), "VOID");
    await waitFor(async () => (await provider.entryOf(sagaId))?.chargeRequests === 1, {
      withinMs: 3000,
      describe: "the slow charge to arrive",
    });
    assert.equal(await provider.ledgerOf(sagaId), "VOID");
    assert.deepEqual(await payment.told(sagaId), ["PaymentRefunded"]);
  });

  test("is not acknowledged before a charge whose answer was lost is refunded", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_timeout_after_charge" });
    await waitFor(async () => (await provider.ledgerOf(sagaId)) === "CHARGED", { withinMs: 3000 });
    await payment.undo({ sagaId });
    await payment.until(sagaId, "REFUNDED");
    assert.equal(await provider.ledgerOf(sagaId), "REFUNDED");
    assert.equal((await payment.told(sagaId)).at(-1), "PaymentRefunded");
  });

  test("of a declined payment hears that it was declined", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_declined" });
    await payment.until(sagaId, "DECLINED");
    await payment.undo({ sagaId });
    assert.equal(await payment.statusOf(sagaId), "DECLINED");
    assert.deepEqual(await payment.told(sagaId), ["PaymentDeclined", "PaymentDeclined"]);
  });

  test("of a charge that cannot reach its bank ends it", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_unreachable" });
    await waitFor(
      async () => {
        const [row] = await stored.query<{ attempts: number }>(
          "select attempts from payment where saga_id = $1",
          [sagaId],
        );
        return (row?.attempts ?? 0) >= 2;
      },
      { withinMs: 3000, describe: "two attempts" },
    );
    assert.equal(await payment.statusOf(sagaId), "CHARGING");
    await payment.undo({ sagaId });
    await payment.until(sagaId, "REFUNDED");
    assert.equal(await provider.ledgerOf(sagaId), "VOID");
  });

  test("and a do that race leave no money behind, whoever is first", async () => {
    const asked = Array.from({ length: 60 }, (_, index) => ({
      sagaId: newSagaId(),
      token: ["tok_ok", "tok_slow", "tok_timeout_after_charge"][index % 3] ?? "tok_ok",
    }));
    await Promise.all(
      asked.flatMap((one, index) => {
        const both = [() => payment.do(one), () => payment.undo(one), () => payment.do(one)];
        return (index % 2 === 0 ? both : both.toReversed()).map((act) => act());
      }),
    );
    for (const { sagaId } of asked) {
      await payment.until(sagaId, "REFUNDED");
      assert.notEqual(await provider.ledgerOf(sagaId), "CHARGED");
    }
  });
});

describe("a confirmation", () => {
  test("is noted once", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId });
    await payment.until(sagaId, "SUCCEEDED");
    await payment.confirm({ sagaId }, { sagaId });
    const confirmedAt = async () => {
      const rows = await stored.query<{ confirmed_at: Date | null }>(
        "select confirmed_at from payment where saga_id = $1",
        [sagaId],
      );
      return rows[0]?.confirmed_at;
    };
    const first = await confirmedAt();
    assert.ok(first instanceof Date);
    await payment.confirm({ sagaId });
    assert.deepEqual(await confirmedAt(), first);
  });

  test("of a payment that was declined is refused by the database", async () => {
    const sagaId = newSagaId();
    await payment.do({ sagaId, token: "tok_declined" });
    await payment.until(sagaId, "DECLINED");
    await assert.rejects(payment.confirm({ sagaId }), { code: "INTERNAL" });
  });

  test("of no saga is a dead letter, not tried for ever", async () => {
    await assert.rejects(payment.confirm({ sagaId: "" }), { code: "UNDECODABLE" });
  });
});

describe("sessions", () => {
  test("have payments of their own for one saga id", async () => {
    const sagaId = newSagaId();
    await payment.undo({ sagaId, sessionId: "one" });
    await payment.do({ sagaId, sessionId: "two" });
    const rows = await waitFor(
      async () => {
        const found = await stored.query<{ status: string }>(
          "select status from payment where saga_id = $1 order by session_id",
          [sagaId],
        );
        return found[1]?.status === "SUCCEEDED" && found;
      },
      { withinMs: 3000 },
    );
    assert.deepEqual(
      rows.map(({ status }) => status),
      ["REFUNDED", "SUCCEEDED"],
    );
  });
});
