import assert from "node:assert/strict";
import { test } from "node:test";

import { AppError, TransientError } from "@ordersaga/kernel";

import { databaseErrorFrom, troubleOf } from "./database-error.ts";

const table = [
  ["57P01", "outage", "UNAVAILABLE"],
  ["57P02", "outage", "UNAVAILABLE"],
  ["57P03", "outage", "UNAVAILABLE"],
  ["08006", "outage", "UNAVAILABLE"],
  ["53100", "outage", "UNAVAILABLE"],
  ["53300", "outage", "UNAVAILABLE"],
  ["25P03", "outage", "UNAVAILABLE"],
  ["ECONNREFUSED", "outage", "UNAVAILABLE"],
  ["ECONNRESET", "outage", "UNAVAILABLE"],
  ["40001", "contention", "UNAVAILABLE"],
  ["40P01", "contention", "UNAVAILABLE"],
  ["57014", "slowness", "UNAVAILABLE"],
  ["55P03", "slowness", "UNAVAILABLE"],
  ["23505", "conflict", "CONFLICT"],
  ["23514", undefined, "INTERNAL"],
  ["42601", undefined, "INTERNAL"],
  ["28P01", undefined, "INTERNAL"],
] as const;

for (const [code, trouble, kind] of table) {
  test(`${code} is ${trouble ?? "a bug"}, before and after it was mapped`, () => {
    const reason = Object.assign(new Error("as PostgreSQL says"), { code });
    const error = databaseErrorFrom(reason);
    assert.equal(error.code, kind);
    assert.equal(error.cause, reason);
    assert.equal(troubleOf(reason), trouble);
    assert.equal(troubleOf(error), trouble);
  });
}

test("the pg client's own complaints about its connection are outages", () => {
  for (const message of [
    "Connection terminated unexpectedly",
    "Client has encountered a connection error and is not queryable",
    "timeout exceeded when trying to connect",
  ]) {
    assert.equal(troubleOf(databaseErrorFrom(new Error(message))), "outage");
  }
});

test("several failed addresses are one outage", () => {
  const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
  assert.equal(troubleOf(new AggregateError([refused, refused])), "outage");
});

test("our own errors pass through, and a handler's transient error is no trouble of the database", () => {
  const error = new TransientError("the provider is away");
  assert.equal(databaseErrorFrom(error), error);
  assert.equal(troubleOf(error), undefined);
  const conflict = new AppError({ code: "CONFLICT", message: "somebody was first" });
  assert.equal(troubleOf(conflict), "conflict");
});
