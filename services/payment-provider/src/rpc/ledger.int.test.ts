import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LedgerStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { TestDatabase } from "@ordersaga/testkit";
import * as fc from "fast-check";

import {
  createLedgerDatabase,
  newKey,
  type ProviderClient,
  startProvider,
} from "../provider-under-test.ts";

const amount = { currencyCode: "EUR", minorUnits: 1999n };
const opened = new AsyncDisposableStack();
let ledger: TestDatabase;
let client: ProviderClient;
/** A second process over the same ledger. */
let other: ProviderClient;

before(async () => {
  ledger = opened.use(await createLedgerDatabase());
  ({ client } = opened.use(await startProvider(ledger)));
  ({ client: other } = opened.use(await startProvider(ledger)));
});
after(() => opened.disposeAsync());

const charge = (by: ProviderClient, idempotencyKey: string, token = "tok_ok") =>
  by.charge({ idempotencyKey, amount, token });

/** A charge of every other key, and a cancel of the rest. */
function instructionsOf(keys: readonly string[]) {
  return keys.map((idempotencyKey, index) => ({
    instruction:
      index % 2 === 0
        ? { case: "charge" as const, value: { idempotencyKey, amount, token: "tok_ok" } }
        : { case: "cancel" as const, value: { idempotencyKey } },
  }));
}

describe("the ledger", () => {
  test("makes one charge of fifty equal ones at the same moment, and counts them all", async () => {
    const key = newKey();
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => charge(index % 2 === 0 ? client : other, key)),
    );
    const entries = responses.map(({ entry }) => entry);
    assert.ok(entries.every((entry) => entry?.status === LedgerStatus.CHARGED));
    assert.equal(Math.max(...entries.map((entry) => entry?.chargeRequests ?? 0)), 50);
    const rows = await ledger.query<{ charge_requests: number }>(
      "select charge_requests from ledger_entry where idempotency_key = $1",
      [key],
    );
    assert.deepEqual(rows, [{ charge_requests: 50 }]);
  });

  test("ends a race of charges and cancels without money, and tells everyone one story", async () => {
    const keys = Array.from({ length: 60 }, newKey);
    await Promise.all(
      keys.flatMap((key, index) => {
        const [one, two] = index % 2 === 0 ? [client, other] : [other, client];
        const calls = [
          () => charge(one, key),
          () => two.cancel({ idempotencyKey: key }),
          () => charge(two, key),
        ];
        return (index % 3 === 0 ? calls.toReversed() : calls).map((call) => call());
      }),
    );
    for (const key of keys) {
      const { entries } = await client.listLedgerEntries({ keyPrefix: key });
      const status = entries[0]?.status;
      assert.ok(status === LedgerStatus.VOID || status === LedgerStatus.REFUNDED);
      assert.equal((await charge(other, key)).entry?.status, status);
      assert.equal((await other.cancel({ idempotencyKey: key })).entry?.status, status);
    }
  });

  test("takes overlapping sets of two processes, in any order, without a deadlock", async () => {
    const keys = Array.from({ length: 300 }, newKey);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, round) =>
        Array.fromAsync(
          (round % 2 === 0 ? client : other).execute({
            instructions: instructionsOf(round % 3 === 0 ? keys.toReversed() : keys),
          }),
        ),
      ),
    );
    for (const messages of answers) {
      assert.equal(messages.flatMap(({ entries }) => entries).length, keys.length);
    }
  });

  test("does to any history of a key what the protocol's provider does", async () => {
    const step = fc.constantFrom("charge", "charge-declined", "cancel");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const key = newKey();
        let status = "NONE";
        let charges = 0;
        for (const act of steps) {
          if (act === "cancel") {
            status = { NONE: "VOID", CHARGED: "REFUNDED" }[status] ?? status;
          } else {
            charges++;
            status = status === "NONE" ? (act === "charge" ? "CHARGED" : "DECLINED") : status;
          }
          const token = act === "charge" ? "tok_ok" : "tok_declined";
          const { entry } = await (act === "cancel"
            ? client.cancel({ idempotencyKey: key })
            : charge(client, key, token));
          assert.equal(entry?.status, LedgerStatus[status as keyof typeof LedgerStatus]);
          assert.equal(entry?.chargeRequests, charges);
          assert.equal(entry?.amount === undefined, status === "VOID");
        }
      }),
      { numRuns: 40 },
    );
  });

  test("is still there when the provider was started again", async () => {
    const key = newKey();
    {
      await using first = await startProvider(ledger);
      await charge(first.client, key);
    }
    await using second = await startProvider(ledger);
    const { entry } = await charge(second.client, key);
    assert.equal(entry?.status, LedgerStatus.CHARGED);
    assert.equal(entry?.chargeRequests, 2);
  });

  const entry = `idempotency_key, status, currency_code, minor_units, decline_code, charge_requests,
    due_at, created_at, updated_at`;
  for (const [what, values, constraint] of [
    ["an unknown status", "'LOST', 'EUR', 1, '', 1, null", "ledger_entry_status"],
    ["money of a void key", "'VOID', 'EUR', 1, '', 0, null", "ledger_entry_amount_unless_void"],
    [
      "a charge of nothing",
      "'CHARGED', null, null, '', 1, null",
      "ledger_entry_amount_unless_void",
    ],
    ["a negative amount", "'CHARGED', 'EUR', -1, '', 1, null", "ledger_entry_minor_units"],
    ["a decline without a code", "'DECLINED', 'EUR', 1, '', 1, null", "ledger_entry_decline_code"],
    ["a charge that nobody asked for", "'CHARGED', 'EUR', 1, '', 0, null", "was_asked_for"],
    ["a charge that is still due", "'CHARGED', 'EUR', 1, '', 1, now()", "ledger_entry_due_at"],
  ] as const) {
    test(`refuses ${what}`, async () => {
      await assert.rejects(
        ledger.query(`insert into ledger_entry (${entry}) values ($1, ${values}, now(), now())`, [
          newKey(),
        ]),
        new RegExp(constraint),
      );
    });
  }
});
