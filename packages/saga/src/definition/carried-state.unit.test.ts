import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { alphabet } from "../testing/alphabet.ts";
import { decodeState, encodeState, patchState } from "./carried-state.ts";

describe("a patch of an encoded state", () => {
  const before = encodeState(alphabet, { text: "x", a: "one" });
  const after = (patch: Readonly<Record<string, string>>) => {
    const { text, a, b } = decodeState(
      alphabet,
      patchState(alphabet, before, patch),
    ) as unknown as {
      readonly [field: string]: string;
    };
    return [text, a, b];
  };

  it("leaves the very same bytes when it is empty", () => {
    assert.equal(patchState(alphabet, before, {}), before);
  });

  it("replaces the fields that it names and no other", () => {
    assert.deepEqual(after({ a: "two", b: "three" }), ["x", "two", "three"]);
  });

  it("can set a field back to its default", () => {
    assert.deepEqual(after({ a: "", b: "three" }), ["x", "", "three"]);
  });
});
