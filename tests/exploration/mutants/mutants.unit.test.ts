import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { realRules } from "../parties/rules.ts";
import { explore } from "../search/explore.ts";
import { mutants } from "./index.ts";

/** Far more than any of these worlds has. */
const maxStates = 300_000;

describe("a rule that is switched off", () => {
  it("is one of each of the protocol's fifteen traces", () => {
    const traces = [...new Set(mutants.map(({ trace }) => trace))];
    assert.deepEqual(
      traces,
      Array.from({ length: 15 }, (_each, index) => index + 1),
    );
  });

  for (const { trace, name, rules, worlds, finds } of mutants) {
    for (const world of worlds) {
      it(`is noticed: ${name} (trace ${trace}, ${world.name})`, (t) => {
        const mutated = explore(world, rules, { maxStates });
        assert.match(mutated.violation?.what ?? "nothing was found", finds);
        t.diagnostic(`after ${mutated.states} states: ${mutated.violation?.trace.join(" | ")}`);
      });

      it(`is what matters: without it nothing is found (trace ${trace}, ${world.name})`, () => {
        const { violation, isComplete } = explore(world, realRules, { maxStates });
        assert.deepEqual(violation, undefined);
        assert.ok(isComplete);
      });
    }
  }
});
