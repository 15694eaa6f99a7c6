import assert from "node:assert/strict";
import { test } from "node:test";

import { firstVerdict } from "./first-verdict.ts";

const keys = Array.from({ length: 4000 }, (_, index) => `key-${index}`);

test("test tokens are decided by their names, whatever the decline rate", () => {
  for (const declineRate of [0, 1]) {
    const statusOf = (token: string) => firstVerdict({ key: "k", token, declineRate }).status;
    assert.equal(statusOf("tok_ok"), "CHARGED");
    assert.equal(statusOf("tok_declined"), "DECLINED");
    assert.equal(statusOf("tok_slow"), "CHARGED");
    assert.equal(statusOf("tok_timeout_after_charge"), "CHARGED");
    assert.equal(statusOf("tok_webhook"), "PENDING");
  }
});

test("a decline carries its code", () => {
  assert.deepEqual(firstVerdict({ key: "k", token: "tok_declined", declineRate: 0 }), {
    status: "DECLINED",
    declineCode: "insufficient_funds",
  });
});

test("other tokens are declined at the rate, to within three standard deviations", () => {
  const declined = keys.filter(
    (key) => firstVerdict({ key, token: "tok_visa", declineRate: 0.05 }).status === "DECLINED",
  );
  const expected = keys.length * 0.05;
  const tolerance = 3 * Math.sqrt(keys.length * 0.05 * 0.95);
  assert.ok(Math.abs(declined.length - expected) < tolerance, `${declined.length} were declined`);
});

test("rates 0 and 1 decline nobody and everybody", () => {
  for (const key of keys) {
    assert.equal(firstVerdict({ key, token: "t", declineRate: 0 }).status, "CHARGED");
    assert.equal(firstVerdict({ key, token: "t", declineRate: 1 }).status, "DECLINED");
  }
});

test("the same key is always decided the same way", () => {
  for (const key of keys.slice(0, 100)) {
    const decide = () => firstVerdict({ key, token: "t", declineRate: 0.5 });
    assert.deepEqual(decide(), decide());
  }
});
