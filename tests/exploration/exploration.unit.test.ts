import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { providerKeyOf } from "@ordersaga/payment/src/domain/provider-call.ts";

import { realRules } from "./parties/rules.ts";
import { explore } from "./search/explore.ts";
import { smallWorlds } from "./worlds.ts";

describe("in every state that can be reached", () => {
  for (const world of smallWorlds) {
    it(`all rules hold and recovery ends every saga: ${world.name}`, (t) => {
      const found = explore(world, realRules, { maxStates: 2_000_000 });
      assert.deepEqual(found.violation, undefined);
      assert.ok(found.isComplete, `there are more than ${found.states} states`);
      t.diagnostic(`${found.states} states, ${found.transitions} transitions, ${found.depth} deep`);
    });
  }
});

describe("orders that are alike but for their ids", () => {
  it("never share a key at the provider, so that one id can stand for all", () => {
    const sessionId = "s";
    const keys = ["a", "b"].map((sagaId) => providerKeyOf({ sagaId, sessionId }));
    assert.notEqual(keys[0], keys[1]);
  });
});
