import assert from "node:assert/strict";
import { describe, it } from "node:test";

import * as fc from "fast-check";

import { booksBits } from "../parties/provider.ts";
import { paymentBits } from "../parties/payment.ts";
import { reservationBits } from "../parties/inventory.ts";
import { sagaBits } from "../parties/order.ts";
import { wireBits } from "../parties/wire.ts";
import { inboxBit, inboxSize, readIn, withRead } from "./extra.ts";
import { emptyLocal, type Local } from "./local.ts";
import {
  canonise,
  initialStock,
  readOrder,
  wordsOf,
  writeInitialStock,
  writeOrder,
} from "./state.ts";

const below = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const pieces = fc.integer({ min: -1, max: 3 });
const extraBits = 3 + inboxSize;
const orders = fc.record({
  mode: below(1),
  messages: fc.integer(),
  saga: below(sagaBits),
  reservation: below(reservationBits),
  payment: below(paymentBits),
  books: below(booksBits),
  wire: below(wireBits),
  extra: below(extraBits),
});
const stocks = fc.record({ available: pieces, reserved: pieces, sold: pieces });

describe("a packed state", () => {
  it("keeps every part of its orders and of the stock", () => {
    const given = fc.tuple(fc.array(orders, { minLength: 1, maxLength: 3 }), stocks, below(2));
    fc.assert(
      fc.property(given, ([all, stock, initial]) => {
        const words = pack(all, stock, initial);
        assert.equal(initialStock(words), initial);
        all.forEach((order, slot) => {
          assert.deepEqual(unpacked(words, slot), { ...emptyLocal(), ...order, ...stock });
        });
      }),
    );
  });

  it("is the same in whatever order its orders are, and says who went where", () => {
    const given = fc.tuple(fc.tuple(orders, orders, orders), stocks);
    fc.assert(
      fc.property(given, ([[a, b, c], stock]) => {
        const [one, other] = [pack([a, b, c], stock, 1), pack([c, a, b], stock, 1)];
        const before = one.slice();
        const places: number[] = [];
        canonise(one, 3, places);
        places.forEach((from, slot) => {
          assert.deepEqual(unpacked(one, slot), unpacked(before, from));
        });
        canonise(other, 3, places);
        assert.deepEqual(one, other);
      }),
    );
  });
});

describe("what mechanisms remember", () => {
  it("has room for a read beside the flags, and for every inbox entry", () => {
    const read = fc.record({ message: below(5), seen: below(reservationBits) });
    fc.assert(
      fc.property(below(3), read, (flags, expected) => {
        const extra = withRead(flags, expected);
        assert.deepEqual(readIn(extra), { ...expected });
        assert.equal(withRead(extra, undefined), flags);
      }),
    );
    assert.ok(inboxBit(inboxSize - 1) < 2 ** extraBits);
  });
});

type Packed = Omit<Local, "available" | "reserved" | "sold" | "said" | "fault">;

function pack(
  all: readonly Packed[],
  stock: Pick<Local, "available" | "reserved" | "sold">,
  initial: number,
): Int32Array {
  const words = new Int32Array(wordsOf(all.length));
  writeInitialStock(words, initial);
  all.forEach((order, slot) => writeOrder(words, slot, { ...emptyLocal(), ...order, ...stock }));
  return words;
}

function unpacked(words: Int32Array, slot: number): Local {
  const local = emptyLocal();
  readOrder(words, slot, local);
  return local;
}
