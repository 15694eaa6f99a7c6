import { choice, flag, fraction, type Settings, url } from "@ordersaga/kernel";

/** What can be set about logs and traces, in every service; spread into the service's own table. */
export const telemetrySettings = {
  LOG_LEVEL: choice({
    description: "Lines below this level are not written.",
    default: "info",
    of: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
  }),
  LOG_PRETTY: flag({
    description: "Writes log lines for people instead of JSON.",
    default: "false",
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalUrl({
    description:
      "Where traces and metrics are sent (OTLP over HTTP); empty switches telemetry off.",
  }),
  SAGA_TRACE_RATIO: fraction({
    description: "Share of sagas that are traced, decided once for each saga from its id.",
    default: "1",
  }),
} as const satisfies Settings;

function optionalUrl(options: { readonly description: string }) {
  const given = url({ ...options, protocols: ["http:", "https:"] });
  return {
    ...given,
    defaultText: "",
    parse: (value: string): string | undefined => (value === "" ? undefined : given.parse(value)),
  };
}
