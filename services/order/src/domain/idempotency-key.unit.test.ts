import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { idempotencyKeyOf } from "./idempotency-key.ts";

test("a request that names itself nowhere has no key", () => {
  assert.deepEqual(idempotencyKeyOf({ header: undefined, requestId: "" }), { kind: "none" });
});

test("the header, the field, or both when they are equal, are the key", () => {
  const key = { kind: "key", key: "k-1" };
  assert.deepEqual(idempotencyKeyOf({ header: "k-1", requestId: "" }), key);
  assert.deepEqual(idempotencyKeyOf({ header: undefined, requestId: "k-1" }), key);
  assert.deepEqual(idempotencyKeyOf({ header: "k-1", requestId: "k-1" }), key);
});

test("a header and a field that differ are refused with the field's path", () => {
  assert.equal(wrongField({ header: "k-1", requestId: "k-2" }), "request_id");
});

test("an empty, too long or unprintable key is refused where it was given", () => {
  for (const text of ["", "a b", "ä", "a\u0000", "a\n", "x".repeat(256)]) {
    assert.equal(
      wrongField({ header: text, requestId: "" }),
      "idempotency-key",
      JSON.stringify(text),
    );
    if (text !== "") {
      assert.equal(wrongField({ header: undefined, requestId: text }), "request_id");
    }
  }
});

test("any visible ASCII up to 255 characters is a key as it is", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\x21-\x7e]{1,255}$/), (key) => {
      assert.deepEqual(idempotencyKeyOf({ header: key, requestId: "" }), { kind: "key", key });
    }),
  );
});

function wrongField(given: { header: string | undefined; requestId: string }): string | undefined {
  const key = idempotencyKeyOf(given);
  return key.kind === "wrong" ? key.violation.field : undefined;
}
