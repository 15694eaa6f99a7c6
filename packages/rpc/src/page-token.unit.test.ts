import assert from "node:assert/strict";
import { test } from "node:test";

import { AppError } from "@ordersaga/kernel";
import * as fc from "fast-check";

import { decodePageToken, encodePageToken, pageSizeOf } from "./page-token.ts";

const filter = { list: "reservations", session: "demo", status: "PENDING" };

test("a token gives back the key it was made from", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ -~äß✓]*$/), { maxLength: 3 }), (key) => {
      assert.deepEqual(decodePageToken(encodePageToken({ key, filter }), { filter }), key);
    }),
  );
});

test("the empty token asks for the first page", () => {
  assert.equal(decodePageToken("", { filter }), undefined);
});

test("the order in which a filter is written, and fields left undefined, do not matter", () => {
  const token = encodePageToken({ key: ["a"], filter });
  const rewritten = { status: "PENDING", user: undefined, session: "demo", list: "reservations" };
  assert.deepEqual(decodePageToken(token, { filter: rewritten }), ["a"]);
});

test("a token made for another filter is refused", () => {
  const token = encodePageToken({ key: ["a"], filter });
  refuses(() => decodePageToken(token, { filter: { ...filter, session: "other" } }));
  refuses(() => decodePageToken(token, { filter: { ...filter, status: undefined } }));
});

test("anything that is not a token is refused", () => {
  const token = encodePageToken({ key: ["a"], filter });
  for (const other of ["x", "!!", "AAAA", "a".repeat(512), "null", `${token}=`, `${token}!`]) {
    refuses(() => decodePageToken(other, { filter }));
  }
});

test("a token with one character changed is refused", () => {
  const token = encodePageToken({ key: ["0190", "demo"], filter });
  for (let index = 0; index < token.length - 1; index++) {
    const other = token[index] === "A" ? "B" : "A";
    const changed = token.slice(0, index) + other + token.slice(index + 1);
    refuses(() => decodePageToken(changed, { filter }));
  }
});

test("a key that does not look as it must is refused even with the right digest", () => {
  const key = [/^[0-9]+$/];
  const forged = (...parts: readonly string[]) => encodePageToken({ key: parts, filter });
  assert.deepEqual(decodePageToken(forged("12"), { filter, key }), ["12"]);
  refuses(() => decodePageToken(forged("x"), { filter, key }));
  refuses(() => decodePageToken(forged("1", "2"), { filter, key }));
  refuses(() => decodePageToken(forged(), { filter, key }));
  refuses(() => decodePageToken(forged("a\u0000b"), { filter }));
});

test("a page size of 0 is the default and a large one is the maximum", () => {
  const limits = { default: 50, max: 1000 };
  assert.deepEqual(
    [0, 1, 1000, 1001].map((requested) => pageSizeOf(requested, limits)),
    [50, 1, 1000, 1000],
  );
  refuses(() => pageSizeOf(-1, limits), "page_size");
});

function refuses(call: () => unknown, field = "page_token"): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.equal(error.details.fields?.[0]?.field, field);
    return true;
  });
}
