import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { createLogger, silentLogger } from "./logger.ts";

describe("createLogger", () => {
  it("writes one JSON object a line that names the service", () => {
    const { lines, log } = logged({ level: "info" });
    log.info({ sagaId: "abc" }, "the saga ended");
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.equal(line["service"], "order");
    assert.equal(line["level"], "info");
    assert.equal(line["sagaId"], "abc");
    assert.equal(line["msg"], "the saga ended");
    assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it("leaves out lines below the level", () => {
    const { lines, log } = logged({ level: "warn" });
    log.info("not written");
    log.warn("written");
    assert.equal(lines.length, 1);
  });

  it("never writes a token, an authorization header or a payload, wherever they stand", () => {
    const { lines, log } = logged({ level: "info" });
    log.info(
      {
        token: "sesame",
        payload: { card: "sesame" },
        headers: { authorization: "Bearer sesame" },
        request: { paymentMethod: { token: "sesame" }, headers: { cookie: "sesame" } },
      },
      "a call",
    );
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0] ?? "", /sesame/);
  });

  it("writes an error with its message, stack and cause", () => {
    const { lines, log } = logged({ level: "info" });
    log.error({ err: new Error("outer", { cause: new Error("inner") }) }, "it failed");
    assert.match(lines[0] ?? "", /outer: inner/);
  });

  it("writes readable lines when asked", () => {
    const { lines, log } = logged({ level: "info", isPretty: true });
    log.info("hello");
    assert.match(lines.join(""), /order: hello/);
    assert.doesNotMatch(lines.join(""), /^\{/);
  });
});

describe("silentLogger", () => {
  it("has every level switched off", () => {
    assert.equal(silentLogger.isLevelEnabled("fatal"), false);
  });
});

function logged(options: { readonly level: string; readonly isPretty?: boolean }) {
  const lines: string[] = [];
  const log = createLogger({
    service: "order",
    level: options.level,
    isPretty: options.isPretty ?? false,
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, log };
}
