export { attributes } from "./attributes.ts";
export { createLogger, type CreateLoggerOptions, type Logger, silentLogger } from "./logger.ts";
export { redactedPaths } from "./redaction.ts";
export {
  contextOfSaga,
  isSagaSampled,
  rootSpanIdOf,
  type SagaTrace,
  startSagaRoot,
  traceparentOf,
} from "./saga-trace.ts";
export { telemetrySettings } from "./settings.ts";
export { startTelemetry, type TelemetryOptions } from "./telemetry.ts";
