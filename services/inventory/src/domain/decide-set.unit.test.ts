import assert from "node:assert/strict";
import { test } from "node:test";

import { decideSet, type ReservationRow, type SagaRequest } from "./decide-set.ts";
import type { Line, Request } from "./reservation.ts";
import type { StockRow } from "./stock.ts";

const cause = { code: "CANCELLED_BY_USER", message: "Changed their mind." };

test("the first orders get the stock and the later ones are refused with what was left", () => {
  const { answers, inserted, stockChanges } = decideSet(
    [reserve("a", ["laptop", 2]), reserve("b", ["laptop", 2]), reserve("c", ["laptop", 1])],
    [],
    [stock("laptop", 3)],
  );
  assert.deepEqual(statuses(answers), ["PENDING", "REFUSED", "PENDING"]);
  assert.deepEqual(answers[1], {
    status: "REFUSED",
    lines: [{ productId: "laptop", quantity: 2 }],
    shortages: [{ productId: "laptop", requested: 2, available: 1 }],
  });
  assert.equal(inserted.length, 3);
  assert.deepEqual(stockChanges, [change("laptop", { available: -3, reserved: 3 })]);
});

test("an order of several lines gets all of them or none", () => {
  const { answers, stockChanges } = decideSet(
    [reserve("a", ["laptop", 1], ["mouse", 5], ["webcam", 9])],
    [],
    [stock("laptop", 1), stock("mouse", 4), stock("webcam", 0)],
  );
  assert.deepEqual(answers[0]?.status === "REFUSED" && answers[0].shortages, [
    { productId: "mouse", requested: 5, available: 4 },
    { productId: "webcam", requested: 9, available: 0 },
  ]);
  assert.deepEqual(stockChanges, []);
});

test("lines of one product count together", () => {
  const { answers } = decideSet(
    [reserve("a", ["mouse", 2], ["mouse", 2]), reserve("b", ["mouse", 1], ["mouse", 2])],
    [],
    [stock("mouse", 3)],
  );
  assert.deepEqual(statuses(answers), ["REFUSED", "PENDING"]);
});

test("a product that is not known is short with nothing available", () => {
  const { answers } = decideSet([reserve("a", ["ghost", 1])], [], []);
  assert.deepEqual(answers[0]?.status === "REFUSED" && answers[0].shortages, [
    { productId: "ghost", requested: 1, available: 0 },
  ]);
});

test("the stock of another session is not seen", () => {
  const { answers } = decideSet(
    [reserve("a", ["laptop", 1])],
    [],
    [{ ...stock("laptop", 5), sessionId: "other" }],
  );
  assert.deepEqual(statuses(answers), ["REFUSED"]);
});

test("a saga that asks twice within one set holds its stock once and is answered twice", () => {
  const { answers, inserted, stockChanges } = decideSet(
    [reserve("a", ["laptop", 1]), reserve("a", ["laptop", 1])],
    [],
    [stock("laptop", 5)],
  );
  assert.deepEqual(statuses(answers), ["PENDING", "PENDING"]);
  assert.equal(inserted.length, 1);
  assert.deepEqual(stockChanges, [change("laptop", { available: -1, reserved: 1 })]);
});

test("do and undo of one saga within one set leave a release and no stock moved", () => {
  const { answers, inserted, updated, stockChanges } = decideSet(
    [reserve("a", ["laptop", 1]), ask("a", { kind: "undo", cause })],
    [],
    [stock("laptop", 5)],
  );
  assert.deepEqual(statuses(answers), ["PENDING", "RELEASED"]);
  assert.deepEqual(inserted.map(statusOf), ["RELEASED"]);
  assert.deepEqual([updated, stockChanges], [[], []]);
});

test("an undo before its do leaves a tombstone, and the late do is refused", () => {
  const { answers, inserted, stockChanges } = decideSet(
    [ask("a", { kind: "undo", cause }), reserve("a", ["laptop", 1])],
    [],
    [stock("laptop", 5)],
  );
  assert.deepEqual(statuses(answers), ["RELEASED", "RELEASED"]);
  assert.deepEqual(inserted, [row("a", { status: "RELEASED", lines: [], cause })]);
  assert.deepEqual(stockChanges, []);
});

test("stock given back in a set serves the next order of the same set", () => {
  const { answers } = decideSet(
    [ask("a", { kind: "undo", cause }), reserve("b", ["laptop", 1])],
    [row("a", { status: "PENDING", lines: [{ productId: "laptop", quantity: 1 }] })],
    [stock("laptop", 0)],
  );
  assert.deepEqual(statuses(answers), ["RELEASED", "PENDING"]);
});

test("what changed is told apart from what is new, and what stayed is not written", () => {
  const lines = [{ productId: "laptop", quantity: 1 }];
  const { inserted, updated, stockChanges } = decideSet(
    ["d", "c", "b", "a"].map((sagaId) => ask(sagaId, { kind: "undo", cause })),
    [row("b", { status: "PENDING", lines }), row("c", { status: "REFUSED", lines, shortages: [] })],
    [stock("laptop", 0)],
  );
  assert.deepEqual(inserted.map(sagaOf), ["a", "d"]);
  assert.deepEqual(updated.map(sagaOf), ["b"]);
  assert.deepEqual(stockChanges, [change("laptop", { available: 1, reserved: -1 })]);
});

test("a finish sells what was held", () => {
  const lines = [{ productId: "laptop", quantity: 2 }];
  const { stockChanges, updated } = decideSet(
    [ask("a", { kind: "finish" })],
    [row("a", { status: "PENDING", lines })],
    [stock("laptop", 0)],
  );
  assert.deepEqual(updated, [row("a", { status: "CONFIRMED", lines })]);
  assert.deepEqual(stockChanges, [change("laptop", { reserved: -2, sold: 2 })]);
});

function reserve(sagaId: string, ...lines: readonly (readonly [string, number])[]): SagaRequest {
  return ask(sagaId, {
    kind: "do",
    lines: lines.map(([productId, quantity]): Line => ({ productId, quantity })),
  });
}

function ask(sagaId: string, request: Request): SagaRequest {
  return { sagaId, sessionId: "s", request };
}

function row(sagaId: string, reservation: ReservationRow["reservation"]): ReservationRow {
  return { sagaId, sessionId: "s", reservation };
}

function stock(productId: string, available: number): StockRow {
  return { sessionId: "s", productId, available };
}

function change(
  productId: string,
  moved: { available?: number; reserved?: number; sold?: number },
) {
  return { sessionId: "s", productId, available: 0, reserved: 0, sold: 0, ...moved };
}

function statuses(answers: readonly ({ status: string } | undefined)[]) {
  return answers.map((answer) => answer?.status);
}

function statusOf({ reservation }: ReservationRow) {
  return reservation.status;
}

function sagaOf({ sagaId }: ReservationRow) {
  return sagaId;
}
