import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { createStateStore } from "./state-store.ts";

describe("the store of states", () => {
  it("gives a state its number once, however large it grows", () => {
    const store = createStateStore(3);
    const words = new Int32Array(3);
    const count = 200_000;
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < count; index += 1) {
        words.set([index % 7, Math.floor(index / 7), -index]);
        assert.equal(store.add(words, round === 0 ? index - 1 : -7), index);
      }
    }
    assert.equal(store.size(), count);
    assert.equal(store.parentOf(count - 1), count - 2);
    assert.deepEqual([...store.at(123_456)], [123_456 % 7, Math.floor(123_456 / 7), -123_456]);
  });

  it("tells states apart that differ in one bit of one word", () => {
    const store = createStateStore(2);
    const numbers = Array.from({ length: 64 }, (_each, bit) => {
      const words = new Int32Array(2);
      words[bit >> 5] = 1 << (bit & 31);
      return store.add(words, -1);
    });
    assert.equal(new Set(numbers).size, 64);
  });
});
