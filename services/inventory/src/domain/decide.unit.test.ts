import assert from "node:assert/strict";
import { test } from "node:test";

import { decide, type Decision } from "./decide.ts";
import type { Cause, Line, Request, Reservation, Shortage } from "./reservation.ts";

const lines: readonly Line[] = [
  { productId: "laptop", quantity: 1 },
  { productId: "mouse", quantity: 2 },
];
const otherLines: readonly Line[] = [{ productId: "webcam", quantity: 9 }];
const cause: Cause = { code: "PAYMENT_DECLINED", message: "The card was declined." };
const otherCause: Cause = { code: "TIME_LIMIT", message: "It took too long." };
const shortages: readonly Shortage[] = [{ productId: "mouse", requested: 2, available: 1 }];

const pending: Reservation = { status: "PENDING", lines };
const confirmed: Reservation = { status: "CONFIRMED", lines };
const released: Reservation = { status: "RELEASED", lines, cause };
const tombstone: Reservation = { status: "RELEASED", lines: [], cause };
const refused: Reservation = { status: "REFUSED", lines, shortages };

const requestDo: Request = { kind: "do", lines };
const undo: Request = { kind: "undo", cause };
const finish: Request = { kind: "finish" };

const enough = () => [];
const short = () => shortages;

test("none, do: everything is there, so the lines are reserved and held", () => {
  assert.deepEqual(decide(undefined, requestDo, enough), moved(pending, "hold"));
});

test("none, do: something is short, so the refusal and its shortages are recorded", () => {
  assert.deepEqual(decide(undefined, requestDo, short), moved(refused, "none"));
});

test("none, undo: a tombstone is left and no stock moves", () => {
  assert.deepEqual(decide(undefined, undo, neverAsked), moved(tombstone, "none"));
});

test("none, finish: nothing is recorded and nothing can be answered", () => {
  assert.deepEqual(decide(undefined, finish, neverAsked), moved(undefined, "none"));
});

test("reserved, do: nothing moves, whatever a repeated request says", () => {
  assert.deepEqual(decide(pending, requestDo, neverAsked), moved(pending, "none"));
  const changed: Request = { kind: "do", lines: otherLines };
  assert.deepEqual(decide(pending, changed, neverAsked), moved(pending, "none"));
});

test("reserved, undo: it is released with the cause and the stock is returned", () => {
  assert.deepEqual(decide(pending, undo, neverAsked), moved(released, "return"));
});

test("reserved, finish: it is confirmed and the stock is sold", () => {
  assert.deepEqual(decide(pending, finish, neverAsked), moved(confirmed, "sell"));
});

for (const final of [refused, released, tombstone, confirmed]) {
  const name = final === tombstone ? "tombstone" : final.status.toLowerCase();
  for (const request of [requestDo, undo, { kind: "undo", cause: otherCause }, finish] as const) {
    test(`${name}, ${request.kind}: it stays exactly as it was recorded`, () => {
      assert.deepEqual(decide(final, request, neverAsked), moved(final, "none"));
    });
  }
}

function moved(reservation: Reservation | undefined, movement: Decision["movement"]): Decision {
  return { reservation, movement };
}

function neverAsked(): never {
  throw new Error("the stock was asked about a reservation that was already answered");
}
