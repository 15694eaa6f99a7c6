import { create, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { status as codes } from "@grpc/grpc-js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@ordersaga/gen/google/rpc/error_details";
import { AppError, appErrorFrom, errorCodes, type FieldViolation, uuidv7 } from "@ordersaga/kernel";

import type { RpcLog } from "../log.ts";

/** How a call ended, for any protocol to put into its own words. */
export type RpcStatus = {
  /** A gRPC status code; Connect numbers them alike. */
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
};

export type StatusDetail = { readonly desc: DescMessage; readonly value: Message };

export const errorDomain = "ordersaga";

/**
 * The one way from anything thrown to what a caller is told. Bugs are told as INTERNAL with an id under
 * which the log has the cause. Everything is logged as loudly as the table of codes says.
 */
export function statusOf(
  reason: unknown,
  context: { readonly path: string; readonly log: RpcLog },
): RpcStatus {
  const error = appErrorFrom(reason);
  const facts = errorCodes[error.code];
  const told = facts.kind === "bug" ? hidden(uuidv7()) : error;
  const errorId = told.details.metadata?.["error_id"];
  context.log[facts.log](
    {
      rpc: context.path,
      code: error.code,
      reason: error.details.reason,
      message: error.message,
      err: error.cause ?? (facts.kind === "bug" ? error : undefined),
      errorId,
    },
    "a call failed",
  );
  return {
    code: codes[facts.rpc],
    message: brief(told.message, maxMessageChars),
    details: detailsOf(told),
  };
}

function hidden(errorId: string): AppError {
  return new AppError({
    code: "INTERNAL",
    message: `internal error ${errorId}`,
    metadata: { error_id: errorId },
  });
}

/** The `google.rpc` messages of an error. */
export function detailsOf(error: AppError): readonly StatusDetail[] {
  const { reason, metadata, fields, retryAfterMs } = error.details;
  const info = { reason: reason ?? error.code, domain: errorDomain, metadata: metadata ?? {} };
  const details = [detail(ErrorInfoSchema, create(ErrorInfoSchema, info))];
  if (fields !== undefined && fields.length > 0) {
    const fieldViolations = firstFields(fields);
    details.push(detail(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = durationFromMs(retryAfterMs);
    details.push(detail(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  return details;
}

// Status and details travel in HTTP/2 headers, of which some clients take no more than 8 KiB.
const maxMessageChars = 400;
const maxFieldChars = 160;
const maxFieldsBytes = 3000;

/** As many fields as there is room for, at least one. */
function firstFields(fields: readonly FieldViolation[]): FieldViolation[] {
  const first: FieldViolation[] = [];
  let bytes = 0;
  for (const violation of fields) {
    const field = brief(violation.field, maxFieldChars);
    const description = brief(violation.description, maxFieldChars);
    bytes += Buffer.byteLength(field) + Buffer.byteLength(description);
    if (bytes > maxFieldsBytes && first.length > 0) {
      break;
    }
    first.push({ field, description });
  }
  return first;
}

/** Well-formed (half a surrogate pair cannot be sent) and not too long. */
function brief(text: string, maxChars: number): string {
  const short = text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text;
  return short.toWellFormed();
}

function detail<D extends DescMessage>(desc: D, value: MessageShape<D>): StatusDetail {
  return { desc, value };
}
