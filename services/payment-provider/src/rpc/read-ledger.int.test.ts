import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LedgerStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import {
  createLedgerDatabase,
  newKey,
  type ProviderClient,
  startProvider,
} from "../provider-under-test.ts";

const opened = new AsyncDisposableStack();
let client: ProviderClient;
let baseUrl: string;

before(async () => {
  const ledger = opened.use(await createLedgerDatabase());
  ({ client, baseUrl } = opened.use(
    await startProvider(ledger, { PROVIDER_MAX_IN_PROGRESS: "50" }),
  ));
});
after(() => opened.disposeAsync());

async function charge(
  idempotencyKey: string,
  options: {
    readonly minorUnits?: bigint;
    readonly token?: string;
    readonly currency?: string;
  } = {},
): Promise<void> {
  const { minorUnits = 100n, token = "tok_ok", currency = "EUR" } = options;
  await client.charge({ idempotencyKey, amount: { currencyCode: currency, minorUnits }, token });
}

/** The fields that a call was refused for. */
async function fieldsOf(call: Promise<unknown>): Promise<readonly string[]> {
  const error = (await call.then(
    () => assert.fail("it was not refused"),
    (reason: unknown) => reason,
  )) as { readonly code: string; readonly details: { readonly fields?: { field: string }[] } };
  assert.equal(error.code, "INVALID_ARGUMENT");
  return error.details.fields?.map(({ field }) => field) ?? [];
}

describe("ListLedgerEntries", () => {
  test("pages through the keys of a prefix in their order, each once", async () => {
    const prefix = newKey();
    const keys = ["a", "b", "B", "ä", "\u{10ffff}", "0", "~", "c"].map((end) => `${prefix}${end}`);
    for (const key of keys) {
      await charge(key);
    }
    await charge(`${prefix.slice(0, -1)}u-not-of-the-prefix`);
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await client.listLedgerEntries({ keyPrefix: prefix, pageSize: 3, pageToken });
      seen.push(...page.entries.map(({ idempotencyKey }) => idempotencyKey));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    const bytewise = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(seen, bytewise);
  });

  test("filters by status", async () => {
    const prefix = newKey();
    await charge(`${prefix}1`);
    await charge(`${prefix}2`, { token: "tok_declined" });
    const { entries } = await client.listLedgerEntries({
      keyPrefix: prefix,
      status: LedgerStatus.DECLINED,
    });
    assert.deepEqual(
      entries.map(({ idempotencyKey, declineCode }) => [idempotencyKey, declineCode]),
      [[`${prefix}2`, "insufficient_funds"]],
    );
  });

  test("takes no page token that is not its own, or of another filter", async () => {
    const prefix = newKey();
    await charge(`${prefix}1`);
    await charge(`${prefix}2`);
    const { nextPageToken: pageToken } = await client.listLedgerEntries({
      keyPrefix: prefix,
      pageSize: 1,
    });
    assert.notEqual(pageToken, "");
    const status = LedgerStatus.VOID;
    for (const request of [
      { pageToken: "made-up" },
      { pageToken },
      { pageToken, keyPrefix: prefix, status },
    ]) {
      assert.deepEqual(await fieldsOf(client.listLedgerEntries(request)), ["page_token"]);
    }
  });

  test("with a negative page size, an unknown status or a prefix of NUL is refused", async () => {
    assert.deepEqual(await fieldsOf(client.listLedgerEntries({ pageSize: -1 })), ["page_size"]);
    const status = 99 as LedgerStatus;
    assert.deepEqual(await fieldsOf(client.listLedgerEntries({ status })), ["status"]);
    assert.deepEqual(await fieldsOf(client.listLedgerEntries({ keyPrefix: "\0" })), ["key_prefix"]);
  });
});

describe("GetLedgerTotals", () => {
  test("sums up by status and currency", async () => {
    const prefix = newKey();
    await charge(`${prefix}1`, { minorUnits: 5n });
    await charge(`${prefix}2`, { minorUnits: 7n });
    await charge(`${prefix}3`, { minorUnits: 11n, currency: "USD" });
    await charge(`${prefix}4`, { minorUnits: 13n, token: "tok_declined" });
    await client.cancel({ idempotencyKey: `${prefix}5` });
    const { totals } = await client.getLedgerTotals({ keyPrefix: prefix });
    assert.deepEqual(
      totals.map(({ status, entries, amount }) => [
        status,
        entries,
        amount?.currencyCode,
        amount?.minorUnits,
      ]),
      [
        [LedgerStatus.CHARGED, 2n, "EUR", 12n],
        [LedgerStatus.CHARGED, 1n, "USD", 11n],
        [LedgerStatus.DECLINED, 1n, "EUR", 13n],
        [LedgerStatus.VOID, 1n, undefined, undefined],
      ],
    );
  });

  test("of more money than a number holds is the largest number", async () => {
    const prefix = newKey();
    const largest = 2n ** 63n - 1n;
    await charge(`${prefix}1`, { minorUnits: largest });
    await charge(`${prefix}2`, { minorUnits: largest });
    const { totals } = await client.getLedgerTotals({ keyPrefix: prefix });
    assert.equal(totals[0]?.amount?.minorUnits, largest);
  });
});

describe("bad input", () => {
  const amount = { currencyCode: "EUR", minorUnits: 1n };
  const good = { idempotencyKey: "k", amount, token: "tok_ok" };

  function chargeWith(change: object): Promise<readonly string[]> {
    return fieldsOf(client.charge({ ...good, ...change }));
  }

  test("of a charge is refused with the field's path", async () => {
    assert.deepEqual(await chargeWith({ idempotencyKey: "" }), ["idempotency_key"]);
    assert.deepEqual(await chargeWith({ idempotencyKey: "k".repeat(256) }), ["idempotency_key"]);
    assert.deepEqual(await chargeWith({ idempotencyKey: "a\0b" }), ["idempotency_key"]);
    assert.deepEqual(await chargeWith({ token: "no token" }), ["token"]);
    assert.deepEqual(await chargeWith({ amount: undefined }), ["amount"]);
    assert.deepEqual(await chargeWith({ amount: { ...amount, minorUnits: -1n } }), [
      "amount.minor_units",
    ]);
    assert.deepEqual(await chargeWith({ amount: { ...amount, currencyCode: "eur" } }), [
      "amount.currency_code",
    ]);
  });

  test("of a cancel is refused with the field's path", async () => {
    assert.deepEqual(await fieldsOf(client.cancel({ idempotencyKey: "" })), ["idempotency_key"]);
    assert.deepEqual(await fieldsOf(client.cancel({ idempotencyKey: "\0" })), ["idempotency_key"]);
  });

  test("of a set is refused with the field's path, and nothing of the set is done", async () => {
    const key = newKey();
    const execute = (instructions: Parameters<ProviderClient["execute"]>[0]["instructions"]) =>
      fieldsOf(Array.fromAsync(client.execute({ ...(instructions && { instructions }) })));
    const ok = {
      instruction: { case: "charge" as const, value: { ...good, idempotencyKey: key } },
    };
    const nul = { instruction: { case: "cancel" as const, value: { idempotencyKey: "\0" } } };
    assert.deepEqual(await execute([]), ["instructions"]);
    assert.deepEqual(await execute([ok, nul]), ["instructions[1].cancel.idempotency_key"]);
    assert.equal((await execute([ok, {}])).length, 1);
    assert.deepEqual(await execute(Array.from({ length: 1001 }, () => ok)), ["instructions"]);
    assert.deepEqual((await client.listLedgerEntries({ keyPrefix: key })).entries, []);
  });

  test("in JSON that spells half a character is refused", async () => {
    const response = await fetch(`${baseUrl}/payment_provider.v1.PaymentProviderService/Cancel`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"idempotencyKey":"\\ud800"}',
    });
    assert.equal(response.status, 400);
  });

  test("that is too much at once is RESOURCE_EXHAUSTED, and says when to come again", async () => {
    const instructions = Array.from({ length: 51 }, () => ({
      instruction: { case: "cancel" as const, value: { idempotencyKey: newKey() } },
    }));
    await assert.rejects(Array.fromAsync(client.execute({ instructions })), {
      code: "RESOURCE_EXHAUSTED",
    });
    await charge(newKey());
  });
});
