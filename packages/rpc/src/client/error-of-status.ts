import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@ordersaga/gen/google/rpc/error_details";
import { type Status, StatusSchema } from "@ordersaga/gen/google/rpc/status";
import { AppError, type ErrorCode, type ErrorDetails, TransientError } from "@ordersaga/kernel";

import { statusDetailsKey } from "../grpc/grpc-status.ts";

/** Makes the peer's status one of our errors: its code, and its details where it sent some. */
export function errorOfStatus(error: ServiceError | null): AppError {
  if (error === null) {
    return new AppError({ code: "INTERNAL", message: "the peer has answered nothing" });
  }
  const code = errorCodesOfStatus[error.code] ?? "INTERNAL";
  const details = detailsOfStatus(error);
  if (code === "UNAVAILABLE" && details === undefined) {
    return new TransientError(error.details, error);
  }
  return new AppError({ ...details, code, message: error.details, cause: error });
}

const errorCodesOfStatus: Readonly<Partial<Record<status, ErrorCode>>> = {
  [status.CANCELLED]: "CANCELLED",
  [status.INVALID_ARGUMENT]: "INVALID_ARGUMENT",
  [status.OUT_OF_RANGE]: "INVALID_ARGUMENT",
  [status.DEADLINE_EXCEEDED]: "DEADLINE_EXCEEDED",
  [status.NOT_FOUND]: "NOT_FOUND",
  [status.ALREADY_EXISTS]: "ALREADY_EXISTS",
  [status.PERMISSION_DENIED]: "PERMISSION_DENIED",
  [status.UNAUTHENTICATED]: "UNAUTHENTICATED",
  [status.RESOURCE_EXHAUSTED]: "RESOURCE_EXHAUSTED",
  [status.FAILED_PRECONDITION]: "FAILED_PRECONDITION",
  [status.ABORTED]: "CONFLICT",
  [status.UNIMPLEMENTED]: "UNIMPLEMENTED",
  [status.UNAVAILABLE]: "UNAVAILABLE",
};

function detailsOfStatus(error: ServiceError): ErrorDetails | undefined {
  const [bytes] = error.metadata.get(statusDetailsKey);
  const sent = bytes instanceof Uint8Array ? decoded(bytes) : undefined;
  if (sent === undefined) {
    return undefined;
  }
  const info = find(sent, ErrorInfoSchema);
  const violations = find(sent, BadRequestSchema)?.fieldViolations;
  const retryDelay = find(sent, RetryInfoSchema)?.retryDelay;
  return {
    ...(info === undefined ? {} : { reason: info.reason, metadata: info.metadata }),
    ...(violations === undefined
      ? {}
      : { fields: violations.map(({ field, description }) => ({ field, description })) }),
    ...(retryDelay === undefined ? {} : { retryAfterMs: durationMs(retryDelay) }),
  };
}

/** Details that cannot be read are left out: the status itself says enough. */
function decoded(bytes: Uint8Array): Status | undefined {
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    return undefined;
  }
}

function find<D extends DescMessage>(sent: Status, schema: D): MessageShape<D> | undefined {
  for (const detail of sent.details) {
    const found = anyUnpack(detail, schema);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
