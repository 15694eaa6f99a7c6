export { type Clock, type Rng, systemClock, systemRng } from "./clock.ts";
export {
  choice,
  ConfigError,
  type ConfigOf,
  flag,
  fraction,
  integer,
  readConfig,
  type Setting,
  type Settings,
  text,
  url,
} from "./config.ts";
export { type ErrorCode, errorCodes, type ErrorKind } from "./error-codes.ts";
export {
  AppError,
  appErrorFrom,
  type AppErrorOptions,
  type ErrorDetails,
  type FieldViolation,
  invalidArgument,
  PermanentError,
  TransientError,
} from "./errors.ts";
export { armFailpoints, diedAt, failpoint } from "./failpoints.ts";
export { hexOfUuid, timeOfUuidv7, uuidOf, uuidv7 } from "./ids.ts";
export { retryDelayMs, type RetryPolicy } from "./retry-policy.ts";
