import { setTimeout as delay } from "node:timers/promises";

import { getNodeAutoInstrumentations } from "@opentelemetry/auto-instrumentations-node";
import { NodeSDK } from "@opentelemetry/sdk-node";

import { SagaIdGenerator, sagaSampler } from "./saga-tracing.ts";

/** Loaded only when telemetry is switched on. */
export function startSdk(options: {
  readonly service: string;
  readonly endpoint: string;
  readonly ratio: number;
}): AsyncDisposable {
  // The exporters read their endpoint, protocol and headers from the standard variables themselves.
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = options.endpoint;
  const sdk = new NodeSDK({
    serviceName: options.service,
    idGenerator: new SagaIdGenerator(),
    sampler: sagaSampler(options.ratio),
    // Logs are lines on standard output: whoever runs the service collects them.
    logRecordProcessors: [],
    instrumentations: getNodeAutoInstrumentations({
      // Half of the throughput of a server is the price of a span for each HTTP/2 stream; our own
      // instrumentation of RPC makes the spans that are wanted. The others repeat it for sockets and names.
      "@opentelemetry/instrumentation-http": { enabled: false },
      "@opentelemetry/instrumentation-net": { enabled: false },
      "@opentelemetry/instrumentation-dns": { enabled: false },
      "@opentelemetry/instrumentation-grpc": { enabled: false },
      "@opentelemetry/instrumentation-undici": { enabled: false },
      "@opentelemetry/instrumentation-pino": { enabled: false },
      "@opentelemetry/instrumentation-pg": { requireParentSpan: true },
    }),
  });
  sdk.start();
  return {
    [Symbol.asyncDispose]: async () => {
      const limit = new AbortController();
      const shutdown = sdk.shutdown().catch(() => undefined);
      await Promise.race([shutdown, delay(3000, undefined, { signal: limit.signal })]);
      limit.abort();
    },
  };
}
