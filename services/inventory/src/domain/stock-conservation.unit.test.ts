import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { decideSet, type ReservationRow, type SagaRequest } from "./decide-set.ts";
import type { Line, Request, Reservation } from "./reservation.ts";

const products = ["p1", "p2", "p3"];
const sagas = ["a", "b", "c", "d", "e"];
const sessionId = "s";

const line: fc.Arbitrary<Line> = fc.record({
  productId: fc.constantFrom(...products, "unknown"),
  quantity: fc.integer({ min: 1, max: 4 }),
});
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("do" as const), lines: fc.array(line, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("undo" as const),
    cause: fc.constant({ code: "TIME_LIMIT", message: "" }),
  }),
  fc.constant({ kind: "finish" as const }),
);
const sagaRequest: fc.Arbitrary<SagaRequest> = fc.record({
  sagaId: fc.constantFrom(...sagas),
  sessionId: fc.constant(sessionId),
  request,
});
const sets = fc.array(fc.array(sagaRequest, { maxLength: 12 }), { maxLength: 8 });
const initialStock = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 });

test("no set loses or makes stock, or takes more than there is", () => {
  fc.assert(
    fc.property(initialStock, sets, (initial, history) => {
      const world = new World(initial);
      for (const set of history) {
        world.run(set);
        for (const [index, productId] of products.entries()) {
          const { available, reserved, sold } = world.levelOf(productId);
          assert.ok(available >= 0 && reserved >= 0 && sold >= 0);
          assert.equal(available + reserved + sold, initial[index]);
          assert.equal(reserved, world.piecesIn("PENDING", productId));
          assert.equal(sold, world.piecesIn("CONFIRMED", productId));
        }
      }
    }),
  );
});

test("a set decides as if each of its requests had come alone, in their order", () => {
  fc.assert(
    fc.property(initialStock, sets, (initial, history) => {
      const together = new World(initial);
      const oneByOne = new World(initial);
      for (const set of history) {
        const answers = together.run(set);
        assert.deepEqual(
          answers,
          set.flatMap((single) => oneByOne.run([single])),
        );
        assert.deepEqual(together.rows(), oneByOne.rows());
      }
    }),
  );
});

test("a recorded answer never changes, but from reserved to committed or released", () => {
  fc.assert(
    fc.property(initialStock, sets, (initial, history) => {
      const world = new World(initial);
      const last = new Map<string, Reservation>();
      for (const single of history.flat()) {
        const [answer] = world.run([single]);
        const before = last.get(single.sagaId);
        if (before !== undefined && before.status !== "PENDING") {
          assert.deepEqual(answer, before);
        }
        if (answer !== undefined) {
          last.set(single.sagaId, answer);
        }
      }
    }),
  );
});

/** What the database would hold, without one. */
class World {
  readonly #levels = new Map<string, { available: number; reserved: number; sold: number }>();
  readonly #reservations = new Map<string, ReservationRow>();

  constructor(initial: readonly number[]) {
    for (const [index, productId] of products.entries()) {
      this.#levels.set(productId, { available: initial[index] ?? 0, reserved: 0, sold: 0 });
    }
  }

  run(set: readonly SagaRequest[]): readonly (Reservation | undefined)[] {
    const rows = [...this.#levels].map(([productId, { available }]) => ({
      sessionId,
      productId,
      available,
    }));
    const decision = decideSet(set, this.rows(), rows);
    for (const change of decision.stockChanges) {
      const level = this.levelOf(change.productId);
      level.available += change.available;
      level.reserved += change.reserved;
      level.sold += change.sold;
    }
    for (const row of decision.inserted) {
      assert.ok(!this.#reservations.has(row.sagaId));
      this.#reservations.set(row.sagaId, row);
    }
    for (const row of decision.updated) {
      assert.ok(this.#reservations.has(row.sagaId));
      this.#reservations.set(row.sagaId, row);
    }
    return decision.answers;
  }

  rows(): readonly ReservationRow[] {
    return [...this.#reservations.values()].toSorted((a, b) => (a.sagaId < b.sagaId ? -1 : 1));
  }

  levelOf(productId: string) {
    const level = this.#levels.get(productId);
    assert.ok(level);
    return level;
  }

  piecesIn(status: Reservation["status"], productId: string): number {
    return this.rows()
      .flatMap(({ reservation }) => (reservation.status === status ? reservation.lines : []))
      .filter((held) => held.productId === productId)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  }
}
