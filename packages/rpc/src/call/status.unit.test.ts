import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isMessage, toJsonString } from "@bufbuild/protobuf";
import { status as codes } from "@grpc/grpc-js";
import { BadRequestSchema, RetryInfoSchema } from "@ordersaga/gen/google/rpc/error_details";
import { AppError, type ErrorCode, errorCodes } from "@ordersaga/kernel";

import { grpcStatus, statusDetailsKey } from "../grpc/grpc-status.ts";
import { type RpcLog, silent } from "../log.ts";
import { statusOf } from "./status.ts";

const context = { path: "/a.v1.B/C", log: silent };

describe("The status of an error", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    test(`of code ${code} is ${errorCodes[code].rpc}, logged as ${errorCodes[code].log}`, () => {
      const levels: string[] = [];
      const status = statusOf(new AppError({ code, message: "m" }), {
        path: "/a.v1.B/C",
        log: recorder(levels),
      });
      assert.equal(status.code, codes[errorCodes[code].rpc]);
      assert.notEqual(status.code, codes.UNKNOWN);
      assert.deepEqual(levels, [errorCodes[code].log]);
    });
  }

  test("hides what a bug says, whoever throws it", () => {
    for (const bug of [
      new Error("secret"),
      "secret",
      undefined,
      new AppError({ code: "INTERNAL", message: "secret", metadata: { a: "secret" } }),
    ]) {
      const status = statusOf(bug, context);
      assert.equal(status.code, codes.INTERNAL);
      assert.match(status.message, /^internal error [0-9a-f-]{36}$/);
      const told = status.details.map(({ desc, value }) => toJsonString(desc, value));
      assert.doesNotMatch(told.join(), /secret/);
    }
  });

  test("carries a delay and the fields", () => {
    const error = new AppError({
      code: "RESOURCE_EXHAUSTED",
      message: "m",
      retryAfterMs: 1500,
      fields: [{ field: "a", description: "b" }],
    });
    const values = statusOf(error, context).details.map(({ value }) => value);
    const retryInfo = values.find((value) => isMessage(value, RetryInfoSchema));
    assert.equal(retryInfo?.retryDelay?.seconds, 1n);
    assert.equal(retryInfo.retryDelay.nanos, 500_000_000);
    const badRequest = values.find((value) => isMessage(value, BadRequestSchema));
    assert.equal(badRequest?.fieldViolations[0]?.field, "a");
  });

  test("fits into headers, whatever it says", () => {
    const long = "ü".repeat(100_000);
    const fields = Array.from({ length: 1000 }, () => ({ field: long, description: long }));
    const error = new AppError({ code: "INVALID_ARGUMENT", message: `\ud800${long}`, fields });
    const { details, metadata } = grpcStatus(statusOf(error, context));
    const [trailer] = metadata.get(statusDetailsKey);
    const length = encodeURI(details).length + Buffer.from(trailer ?? "").length * (4 / 3);
    assert.ok(length < 8192, `${length} bytes`);
  });
});

function recorder(levels: string[]): RpcLog {
  return {
    debug: () => levels.push("debug"),
    info: () => levels.push("info"),
    warn: () => levels.push("warn"),
    error: () => levels.push("error"),
  };
}
