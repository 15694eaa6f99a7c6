export type TelemetryOptions = {
  readonly service: string;
  /** Where traces and metrics go, OTLP over HTTP; undefined switches telemetry off. */
  readonly endpoint: string | undefined;
  /** Share of traces that do not belong to a saga and are sampled. Default 1. */
  readonly ratio?: number;
};

/**
 * Starts to export traces and metrics, until it is disposed of; then what is left is sent, for three seconds
 * at most. Without an endpoint it does nothing and loads nothing, as the SDK takes time and memory. To be
 * called before the database's driver is loaded.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<AsyncDisposable> {
  const { service, endpoint, ratio } = options;
  if (endpoint === undefined || endpoint === "") {
    return { [Symbol.asyncDispose]: async () => undefined };
  }
  const { startSdk } = await import("./sdk.ts");
  return startSdk({ service, endpoint, ratio: ratio ?? 1 });
}
