import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { LedgerStatus } from "@ordersaga/payment-provider/src/domain/ledger-entry.ts";
import type { LedgerOperation } from "@ordersaga/payment-provider/src/domain/ledger-operation.ts";
import {
  type LedgerRow,
  ledgerValues,
  writeLedger,
} from "@ordersaga/payment-provider/src/persistence/write-ledger.ts";
import { createLedgerDatabase } from "@ordersaga/payment-provider/src/provider-under-test.ts";
import type { TestDatabase } from "@ordersaga/testkit";

import { now } from "./fixture.ts";
import { settleEntry, writeEntry } from "./ledger.ts";
import type { LedgerInput } from "./rules.ts";

const opened = new AsyncDisposableStack();
let ledger: TestDatabase;

before(async () => {
  ledger = opened.use(await createLedgerDatabase());
});
after(() => opened.disposeAsync());

/** What a key can go through. An hour is more than an open charge stays open. */
const inputs: readonly (LedgerInput | "an hour")[] = [
  { kind: "charge", verdict: "CHARGED" },
  { kind: "charge", verdict: "DECLINED" },
  { kind: "charge", verdict: "PENDING" },
  { kind: "cancel" },
  "an hour",
];
const hourMs = 3_600_000;
const longest = 4;

/** One key and the way it goes. */
type Way = {
  readonly key: string;
  readonly inputs: readonly (LedgerInput | "an hour")[];
  hours: number;
  modelled: LedgerStatus | undefined;
};

describe("the exploration's ledger", () => {
  it("decides as the provider's statement does, over every sequence of four operations", async () => {
    const ways = sequences(longest).map((each, index): Way => ({
      key: `way-${index}`,
      inputs: each,
      hours: 0,
      modelled: undefined,
    }));
    let compared = 0;
    for (let position = 0; position < longest; position += 1) {
      for (const [hours, same] of Map.groupBy(ways, (way) => way.hours)) {
        const at = new Date(now.getTime() + hours * hourMs);
        const operations = same.flatMap((way) => operationOf(way, position, at));
        // oxlint-disable-next-line no-await-in-loop -- a way takes its steps one after the other
        const rows = await write(operations, at);
        for (const way of same) {
          const input = way.inputs[position];
          if (input === "an hour" || input === undefined) {
            continue;
          }
          way.modelled = writeEntry(way.modelled, input).status;
          assert.equal(rows.get(way.key), way.modelled, JSON.stringify(way.inputs));
          compared += 1;
        }
      }
      for (const way of ways.filter((each) => each.inputs[position] === "an hour")) {
        way.hours += 1;
        way.modelled = way.modelled === undefined ? undefined : settleEntry(way.modelled).status;
      }
    }
    assert.equal(compared, ways.length * longest * (4 / 5));
  });
});

async function write(
  operations: readonly LedgerOperation[],
  at: Date,
): Promise<ReadonlyMap<string, LedgerStatus>> {
  const rows = await ledger.query<LedgerRow>(writeLedger.text, ledgerValues(operations, at));
  return new Map(rows.map((row) => [row.idempotency_key, row.status]));
}

function operationOf(way: Way, position: number, at: Date): LedgerOperation[] {
  const input = way.inputs[position];
  const { key } = way;
  if (input === "an hour" || input === undefined) {
    return [];
  }
  if (input.kind === "cancel") {
    return [{ kind: "cancel", key }];
  }
  const amount = { currencyCode: "EUR", minorUnits: 100n };
  const dueAt = new Date(at.getTime() + hourMs / 2);
  const verdict =
    input.verdict === "DECLINED"
      ? { status: input.verdict, declineCode: "no" }
      : { status: input.verdict };
  return [{ kind: "charge", key, amount, verdict, dueAt }];
}

function sequences(length: number): (typeof inputs)[] {
  return length === 0
    ? [[]]
    : sequences(length - 1).flatMap((each) => inputs.map((input) => [...each, input]));
}
