import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LedgerStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { AppError } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import {
  createLedgerDatabase,
  newKey,
  type ProviderClient,
  startProvider,
} from "../provider-under-test.ts";

const amount = { currencyCode: "EUR", minorUnits: 1999n };
const opened = new AsyncDisposableStack();
let client: ProviderClient;

before(async () => {
  const ledger = opened.use(await createLedgerDatabase());
  const provider = opened.use(
    await startProvider(ledger, {
      PROVIDER_SLOW_MS: "300",
      PROVIDER_WEBHOOK_DELAY_MS: "200",
      PROVIDER_DECLINE_RATE: "0.5",
    }),
  );
  ({ client } = provider);
});
after(() => opened.disposeAsync());

/** Executes charges in one call; the messages that came, as pairs of key and status. */
async function execute(...charges: readonly { key: string; token: string }[]) {
  const instructions = charges.map(({ key, token }) => ({
    instruction: {
      case: "charge" as const,
      value: { idempotencyKey: key, amount, token },
    },
  }));
  const messages = await Array.fromAsync(client.execute({ instructions }));
  return messages.map(({ entries }) =>
    entries.map(({ idempotencyKey, status }) => [idempotencyKey, status] as const),
  );
}

async function charge(key: string, token: string, timeoutMs = 5000) {
  const { entry } = await client.charge({ idempotencyKey: key, amount, token }, { timeoutMs });
  assert.ok(entry);
  return entry;
}

describe("a charge", () => {
  test("with tok_ok is charged, and stays so however often it is repeated", async () => {
    const key = newKey();
    const first = await charge(key, "tok_ok");
    const second = await charge(key, "tok_ok");
    assert.equal(first.status, LedgerStatus.CHARGED);
    assert.deepEqual(first.amount && { ...first.amount }, { ...second.amount });
    assert.equal(second.status, LedgerStatus.CHARGED);
    assert.deepEqual([first.chargeRequests, second.chargeRequests], [1, 2]);
    assert.deepEqual(second.createTime, first.createTime);
  });

  test("with tok_declined is declined with a code, and is not charged by another token", async () => {
    const key = newKey();
    const declined = await charge(key, "tok_declined");
    assert.equal(declined.status, LedgerStatus.DECLINED);
    assert.equal(declined.declineCode, "insufficient_funds");
    assert.equal((await charge(key, "tok_ok")).status, LedgerStatus.DECLINED);
  });

  test("with tok_slow takes its time once; a repetition is answered from the record", async () => {
    const key = newKey();
    const startedAt = performance.now();
    assert.equal((await charge(key, "tok_slow")).status, LedgerStatus.CHARGED);
    assert.ok(performance.now() - startedAt >= 290);
    const repeatedAt = performance.now();
    assert.equal((await charge(key, "tok_slow")).status, LedgerStatus.CHARGED);
    assert.ok(performance.now() - repeatedAt < 250);
  });

  test("with tok_slow is made although the caller has gone away", async () => {
    const key = newKey();
    await assert.rejects(charge(key, "tok_slow", 50), { code: "DEADLINE_EXCEEDED" });
    const found = await waitFor(
      async () => (await client.listLedgerEntries({ keyPrefix: key })).entries[0],
      { withinMs: 3000 },
    );
    assert.equal(found.status, LedgerStatus.CHARGED);
  });

  test("with tok_slow that is overtaken by its cancel takes nothing", async () => {
    const key = newKey();
    const slow = charge(key, "tok_slow");
    const { entry } = await client.cancel({ idempotencyKey: key });
    assert.equal(entry?.status, LedgerStatus.VOID);
    assert.equal((await slow).status, LedgerStatus.VOID);
  });

  test("with tok_timeout_after_charge is made, and only its repetition is answered", async () => {
    const key = newKey();
    await assert.rejects(charge(key, "tok_timeout_after_charge", 300), {
      code: "DEADLINE_EXCEEDED",
    });
    const again = await charge(key, "tok_timeout_after_charge");
    assert.equal(again.status, LedgerStatus.CHARGED);
    assert.equal(again.chargeRequests, 2);
  });

  test("with tok_unreachable is UNAVAILABLE and leaves no trace; its cancel works", async () => {
    const key = newKey();
    await assert.rejects(charge(key, "tok_unreachable"), { code: "UNAVAILABLE" });
    assert.deepEqual((await client.listLedgerEntries({ keyPrefix: key })).entries, []);
    const { entry } = await client.cancel({ idempotencyKey: key });
    assert.equal(entry?.status, LedgerStatus.VOID);
    assert.equal(entry?.amount, undefined);
  });

  test("with tok_webhook is pending first and charged when asked again later", async () => {
    const key = newKey();
    assert.equal((await charge(key, "tok_webhook")).status, LedgerStatus.PENDING);
    const settled = await waitFor(
      async () => {
        const entry = await charge(key, "tok_webhook");
        return entry.status === LedgerStatus.PENDING ? undefined : entry;
      },
      { withinMs: 3000 },
    );
    assert.equal(settled.status, LedgerStatus.CHARGED);
  });

  test("that is pending is void when it is cancelled in time, and refunded when too late", async () => {
    const [early, late, later] = [newKey(), newKey(), newKey()];
    await charge(early, "tok_webhook");
    const voided = await client.cancel({ idempotencyKey: early });
    assert.equal(voided.entry?.status, LedgerStatus.VOID);
    assert.equal(voided.entry?.amount, undefined);
    await charge(late, "tok_webhook");
    // When a key that is due later has been charged, this one is due; nobody has asked about it.
    await waitFor(
      async () => (await charge(later, "tok_webhook")).status === LedgerStatus.CHARGED,
      { withinMs: 3000 },
    );
    const refunded = await client.cancel({ idempotencyKey: late });
    assert.equal(refunded.entry?.status, LedgerStatus.REFUNDED);
    assert.equal((await charge(early, "tok_webhook")).status, LedgerStatus.VOID);
  });

  test("with any other token is decided by the rate, the same way each time", async () => {
    const keys = Array.from({ length: 40 }, newKey);
    const statuses = await Promise.all(keys.map(async (key) => (await charge(key, "v")).status));
    const again = await Promise.all(keys.map(async (key) => (await charge(key, "v")).status));
    assert.deepEqual(again, statuses);
    assert.deepEqual(new Set(statuses), new Set([LedgerStatus.CHARGED, LedgerStatus.DECLINED]));
  });

  test("of another amount under the same key is refused and changes nothing", async () => {
    const key = newKey();
    await charge(key, "tok_ok");
    const other = { currencyCode: "EUR", minorUnits: 2000n };
    await assert.rejects(
      client.charge({ idempotencyKey: key, amount: other, token: "tok_ok" }),
      (error: unknown) =>
        error instanceof AppError &&
        error.code === "ALREADY_EXISTS" &&
        error.details.reason === "IDEMPOTENCY_KEY_REUSED",
    );
    const { entries } = await client.listLedgerEntries({ keyPrefix: key });
    assert.equal(entries[0]?.amount?.minorUnits, 1999n);
  });
});

describe("a set", () => {
  test("is answered as it becomes known, without what is lost or out of reach", async () => {
    const [ok, slow, declined, lost, unreachable] = Array.from({ length: 5 }, newKey);
    assert.ok(ok && slow && declined && lost && unreachable);
    const messages = await execute(
      { key: slow, token: "tok_slow" },
      { key: ok, token: "tok_ok" },
      { key: lost, token: "tok_timeout_after_charge" },
      { key: unreachable, token: "tok_unreachable" },
      { key: declined, token: "tok_declined" },
    );
    assert.deepEqual(messages, [
      [
        [ok, LedgerStatus.CHARGED],
        [declined, LedgerStatus.DECLINED],
      ],
      [[slow, LedgerStatus.CHARGED]],
    ]);
    const again = await execute({ key: lost, token: "tok_timeout_after_charge" });
    assert.deepEqual(again, [[[lost, LedgerStatus.CHARGED]]]);
  });

  test("may name a key twice: the later instruction sees what the earlier one did", async () => {
    const key = newKey();
    const value = { idempotencyKey: key, amount, token: "tok_ok" };
    const messages = await Array.fromAsync(
      client.execute({
        instructions: [
          { instruction: { case: "charge", value } },
          { instruction: { case: "cancel", value: { idempotencyKey: key } } },
        ],
      }),
    );
    const statuses = messages.flatMap(({ entries }) => entries.map(({ status }) => status));
    assert.deepEqual(statuses, [LedgerStatus.CHARGED, LedgerStatus.REFUNDED]);
  });

  test("of a thousand is one message", async () => {
    const charges = Array.from({ length: 1000 }, () => ({ key: newKey(), token: "tok_ok" }));
    const messages = await execute(...charges);
    assert.equal(messages.length, 1);
    assert.equal(messages[0]?.length, 1000);
  });
});
