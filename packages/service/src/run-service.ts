import { armFailpoints, ConfigError, type ConfigOf, readConfig } from "@ordersaga/kernel";
import { createLogger, type Logger, startTelemetry } from "@ordersaga/telemetry";

import type { serviceSettings } from "./service-settings.ts";

/** A service that runs. */
export type App = {
  /** The port that is listened on. */
  readonly port: number;
  /** Takes no more calls and messages, finishes what was begun and closes everything. */
  readonly stop: () => Promise<void>;
};

type LeastSettings = ReturnType<typeof serviceSettings>;

export type ServiceProgram<S extends LeastSettings> = {
  /** Such as `order`. */
  readonly name: string;
  readonly settings: S;
  /** Loads the service itself: after telemetry has started, which must see its libraries being loaded. */
  readonly load: () => Promise<{
    readonly startApp: (
      config: ConfigOf<S>,
      options: { readonly log: Logger; readonly signal: AbortSignal },
    ) => Promise<App>;
  }>;
};

/**
 * The life of a service's process: reads the configuration (all mistakes at once, exit code 1), starts,
 * and stops in order at SIGTERM or SIGINT, also while it is still waiting for a database or a broker.
 */
export async function runService<S extends LeastSettings>(
  program: ServiceProgram<S>,
): Promise<void> {
  const { name, settings, load } = program;
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => stopping.abort());
  }
  try {
    const config = readConfig(settings, process.env);
    const least: ConfigOf<LeastSettings> = config;
    armFailpoints(least.FAILPOINTS);
    const log = createLogger({ service: name, level: least.LOG_LEVEL, isPretty: least.LOG_PRETTY });
    await using _telemetry = await startTelemetry({
      service: name,
      endpoint: least.OTEL_EXPORTER_OTLP_ENDPOINT,
      ratio: least.SAGA_TRACE_RATIO,
    });
    const { startApp } = await load();
    const app = await startApp(config, { log, signal: stopping.signal });
    await aborted(stopping.signal);
    await app.stop();
    log.info("stopped");
  } catch (error) {
    if (stopping.signal.aborted) {
      return;
    }
    process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
}
