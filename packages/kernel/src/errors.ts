import { type ErrorCode, type ErrorKind, errorCodes } from "./error-codes.ts";

/** One field of a request that is wrong. */
export type FieldViolation = {
  /** Path in the request, such as `lines[0].quantity`, or the name of a header. */
  readonly field: string;
  readonly description: string;
};

/** What a caller is told besides the message; sent as `google.rpc` error details. */
export type ErrorDetails = {
  /** Machine-readable, such as `INSUFFICIENT_STOCK`; sent as `ErrorInfo.reason`. */
  readonly reason?: string;
  /** Sent as `ErrorInfo.metadata`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Sent as `BadRequest.field_violations`. */
  readonly fields?: readonly FieldViolation[];
  /** Sent as `RetryInfo.retry_delay`. */
  readonly retryAfterMs?: number;
};

export type AppErrorOptions = ErrorDetails & {
  readonly code: ErrorCode;
  /** A sentence that may be shown to the caller. */
  readonly message: string;
  /** For the log only, never for the caller. */
  readonly cause?: unknown;
};

/** The one class of errors that the product throws on purpose. */
export class AppError extends Error {
  override readonly name: string = "AppError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(options: AppErrorOptions) {
    super(options.message, { cause: options.cause });
    const { code, message: _message, cause: _cause, ...details } = options;
    this.code = code;
    this.details = details;
  }

  get kind(): ErrorKind {
    return errorCodes[this.code].kind;
  }
}

/** It may work later: nobody did anything wrong. */
export class TransientError extends AppError {
  override readonly name = "TransientError";

  constructor(message: string, cause?: unknown) {
    super({ code: "UNAVAILABLE", message, cause });
  }
}

/** It can never work: the message is not one of ours, or it cannot be read. */
export class PermanentError extends AppError {
  override readonly name = "PermanentError";
}

/** The one way from `unknown` to our errors: anything that is not one of them is a bug. */
export function appErrorFrom(reason: unknown): AppError {
  if (reason instanceof AppError) {
    return reason;
  }
  return new AppError({ code: "INTERNAL", message: "internal error", cause: reason });
}

/** A request that is wrong in these fields. */
export function invalidArgument(...fields: readonly FieldViolation[]): AppError {
  const sentences = fields.map(({ field, description }) => `${field}: ${description}`);
  return new AppError({ code: "INVALID_ARGUMENT", message: sentences.join("; "), fields });
}
