import assert from "node:assert/strict";
import { it } from "node:test";

import { readConfig } from "@ordersaga/kernel";

import { telemetrySettings } from "./settings.ts";

it("telemetry is off, and logs are JSON from level info, when nothing is set", () => {
  assert.deepEqual(readConfig(telemetrySettings, {}), {
    LOG_LEVEL: "info",
    LOG_PRETTY: false,
    OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
    SAGA_TRACE_RATIO: 1,
  });
});

it("an endpoint that is not a URL of HTTP is refused by name", () => {
  assert.throws(
    () => readConfig(telemetrySettings, { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }),
    /OTEL_EXPORTER_OTLP_ENDPOINT/,
  );
});
