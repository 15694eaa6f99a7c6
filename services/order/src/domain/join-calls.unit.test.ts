import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { joinCalls, type KeyedCall } from "./join-calls.ts";

test("equal calls are one piece of work", () => {
  const [a, b, c] = [call("s", "k", "h"), call("s", "k", "h"), call("s", "k", "h")];
  assert.deepEqual(joinCalls([a, b, c]), [{ first: a, equal: [b, c], differing: [] }]);
});

test("another body under the same key differs, and the first that came counts", () => {
  const [a, b, c] = [call("s", "k", "h1"), call("s", "k", "h2"), call("s", "k", "h1")];
  assert.deepEqual(joinCalls([a, b, c]), [{ first: a, equal: [c], differing: [b] }]);
});

test("the same key in another session is another key", () => {
  assert.equal(joinCalls([call("s", "k", "h"), call("t", "k", "h")]).length, 2);
});

test("calls without a key are joined with nothing", () => {
  assert.equal(joinCalls([call("s", undefined, ""), call("s", undefined, "")]).length, 2);
});

test("every call is in exactly one place, and each key has one piece of work", () => {
  const anyCall = fc.record({
    sessionId: fc.constantFrom("s", "t"),
    key: fc.constantFrom(undefined, "k", "l"),
    requestHash: fc.constantFrom("h1", "h2"),
  });
  fc.assert(
    fc.property(fc.array(anyCall), (calls) => {
      const groups = joinCalls(calls);
      const placed = groups.flatMap(({ first, equal, differing }) => [
        first,
        ...equal,
        ...differing,
      ]);
      assert.equal(placed.length, calls.length);
      assert.deepEqual(new Set(placed), new Set(calls));
      const keys = groups
        .filter(({ first }) => first.key !== undefined)
        .map(({ first }) => `${first.sessionId} ${first.key}`);
      assert.equal(new Set(keys).size, keys.length);
      for (const { first, equal, differing } of groups) {
        assert.ok(equal.every(({ requestHash }) => requestHash === first.requestHash));
        assert.ok(differing.every(({ requestHash }) => requestHash !== first.requestHash));
      }
    }),
  );
});

function call(sessionId: string, key: string | undefined, requestHash: string): KeyedCall {
  return { sessionId, key, requestHash };
}
