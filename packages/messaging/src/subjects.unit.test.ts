import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { subjectMatches } from "./subjects.ts";

describe("subjectMatches", () => {
  const cases: readonly (readonly [pattern: string, subject: string, expected: boolean])[] = [
    ["order.event", "order.event", true],
    ["order.event", "order.events", false],
    ["order.event", "order.event.v1", false],
    ["order.*", "order.event", true],
    ["order.*", "order.event.v1", false],
    ["*.event", "order.event", true],
    ["order.>", "order.event.v1", true],
    ["order.>", "order", false],
    ["order.>", "payment.event", false],
    [">", "order", true],
  ];
  for (const [pattern, subject, expected] of cases) {
    it(`says that ${pattern} ${expected ? "means" : "does not mean"} ${subject}`, () => {
      assert.equal(subjectMatches(pattern, subject), expected);
    });
  }
});
