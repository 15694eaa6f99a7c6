import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { decide } from "./decide.ts";
import type { Payment, PaymentAnswer, PaymentRequest, ProviderCall } from "./payment.ts";

/** One thing that happens in a world of one payment and its provider; calls and answers may linger. */
type Event =
  | "do"
  | "undo"
  | "provider-works"
  | "answer-arrives"
  | "answer-lost"
  | "answer-repeated";

type Happening = { readonly event: Event; readonly pick: number; readonly isDeclined: boolean };

const events: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    event: fc.constantFrom<Event>(
      "do",
      "undo",
      "provider-works",
      "answer-arrives",
      "answer-lost",
      "answer-repeated",
    ),
    /** Which of the calls or answers under way is concerned. */
    pick: fc.nat(),
    isDeclined: fc.boolean(),
  }),
  { maxLength: 40 },
);

const charge = {
  amount: { currencyCode: "EUR", minorUnits: 100n },
  token: "tok_ok",
  userId: "user-1",
};
const cause = { code: "TIME_LIMIT", message: "" };

type LedgerStatus = "none" | "charged" | "declined" | "void" | "refunded";

/** The provider's table, and everything that is under way between the two. */
class World {
  payment: Payment | undefined;
  ledger: LedgerStatus = "none";
  readonly calls: ProviderCall[] = [];
  readonly answers: LedgerStatus[] = [];
  readonly said: { readonly answer: PaymentAnswer; readonly ledger: LedgerStatus }[] = [];
  readonly statuses: Payment["status"][] = [];

  hear(heard: Parameters<typeof decide>[1]): void {
    const decision = decide(this.payment, heard);
    if (decision.payment !== undefined && decision.payment.status !== this.payment?.status) {
      this.statuses.push(decision.payment.status);
    }
    this.payment = decision.payment;
    if (decision.answer !== undefined) {
      this.said.push({ answer: decision.answer, ledger: this.ledger });
    }
    if (decision.call !== undefined) {
      this.calls.push(decision.call);
    }
  }

  provide(call: ProviderCall, isDeclined: boolean): void {
    if (call === "charge" && this.ledger === "none") {
      this.ledger = isDeclined ? "declined" : "charged";
    } else if (call === "cancel" && (this.ledger === "none" || this.ledger === "charged")) {
      this.ledger = this.ledger === "none" ? "void" : "refunded";
    }
    this.answers.push(this.ledger);
  }

  answer(status: LedgerStatus): void {
    if (status === "charged") {
      this.hear({ kind: "charged" });
    } else if (status === "declined") {
      this.hear({ kind: "declined", declineCode: "insufficient_funds" });
    } else {
      this.hear({ kind: "undone" });
    }
  }
}

function run(history: readonly Happening[]): World {
  const world = new World();
  for (const { event, pick, isDeclined } of history) {
    const answerAt = world.answers.length === 0 ? 0 : pick % world.answers.length;
    const answer = world.answers[answerAt];
    if (event === "do" || event === "undo") {
      world.hear(requests[event]);
    } else if (event === "provider-works") {
      const [call] = world.calls.splice(pick % Math.max(1, world.calls.length), 1);
      if (call !== undefined) {
        world.provide(call, isDeclined);
      }
    } else if (answer !== undefined) {
      if (event !== "answer-repeated") {
        world.answers.splice(answerAt, 1);
      }
      if (event !== "answer-lost") {
        world.answer(answer);
      }
    }
  }
  return world;
}

const requests: Record<"do" | "undo", PaymentRequest> = {
  do: { kind: "do", charge },
  undo: { kind: "undo", cause },
};

test("payment never says refunded or declined while money is, or can still be, taken", () => {
  fc.assert(
    fc.property(events, (history) => {
      const world = run(history);
      for (const { answer, ledger } of world.said) {
        if (answer.kind === "refunded" || answer.kind === "declined") {
          const isSafe = ledger !== "charged" && !(ledger === "none" && world.calls.length > 0);
          assert.ok(isSafe, `said ${answer.kind} while the ledger said ${ledger}`);
        }
      }
      const last = world.said.at(-1)?.answer.kind;
      if (last === "refunded" || last === "declined") {
        assert.notEqual(world.ledger, "charged");
      }
    }),
    { numRuns: 3000 },
  );
});

test("payment never says succeeded before the ledger holds the money", () => {
  fc.assert(
    fc.property(events, (history) => {
      for (const { answer, ledger } of run(history).said) {
        if (answer.kind === "succeeded") {
          assert.ok(ledger === "charged" || ledger === "refunded");
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test("a payment only ever moves forward, and a final one stays", () => {
  const rank = { CHARGING: 0, SUCCEEDED: 1, UNDOING: 2, DECLINED: 3, REFUNDED: 3 } as const;
  fc.assert(
    fc.property(events, (history) => {
      const { statuses } = run(history);
      for (const [index, status] of statuses.entries()) {
        const before = statuses[index - 1];
        assert.ok(before === undefined || rank[status] > rank[before], statuses.join(" → "));
      }
    }),
    { numRuns: 3000 },
  );
});

test("every payment ends when its call is repeated until it is answered", () => {
  fc.assert(
    fc.property(events, fc.boolean(), (history, isDeclined) => {
      const world = run(history);
      world.hear(requests.do);
      for (let round = 0; round < 3; round++) {
        const call = world.calls.at(-1);
        if (world.payment?.status === "CHARGING" || world.payment?.status === "UNDOING") {
          assert.ok(call !== undefined);
          world.provide(call, isDeclined);
          world.answer(world.answers.at(-1) ?? "none");
        }
      }
      assert.ok(["SUCCEEDED", "DECLINED", "REFUNDED"].includes(world.payment?.status ?? ""));
    }),
    { numRuns: 3000 },
  );
});
