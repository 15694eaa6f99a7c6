export { createLogger, type CreateLoggerOptions, type Logger, silentLogger } from "./logger.ts";
export { redactedPaths } from "./redaction.ts";
export { telemetrySettings } from "./settings.ts";
