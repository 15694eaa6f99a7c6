import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { limitTimeout } from "./limit-timeout.ts";

describe("A gRPC time-out", () => {
  for (const { sent, maxMs, read } of [
    { sent: undefined, maxMs: 30_000, read: "30000m" },
    { sent: undefined, maxMs: Infinity, read: undefined },
    { sent: "5S", maxMs: 30_000, read: "5S" },
    { sent: "30S", maxMs: 30_000, read: "30S" },
    { sent: "31S", maxMs: 30_000, read: "30000m" },
    { sent: "99999999n", maxMs: 30_000, read: "99999999n" },
    { sent: "30000001u", maxMs: 30_000, read: "30000m" },
    { sent: "1M", maxMs: 30_000, read: "30000m" },
    { sent: "99999999H", maxMs: Infinity, read: "2147483S" },
    { sent: "1H", maxMs: Infinity, read: "1H" },
  ]) {
    test(`of ${sent} with at most ${maxMs} ms is read as ${read}`, () => {
      const headers = sent === undefined ? {} : { "grpc-timeout": sent };
      limitTimeout(headers, maxMs);
      assert.equal(headers["grpc-timeout"], read);
    });
  }

  for (const sent of ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", " 1S"]) {
    test(`"${sent}" is INVALID_ARGUMENT`, () => {
      assert.throws(() => limitTimeout({ "grpc-timeout": sent }, 1), { code: "INVALID_ARGUMENT" });
    });
  }
});
