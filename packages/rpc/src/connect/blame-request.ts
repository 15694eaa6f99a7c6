import { Code, ConnectError, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { AppError, type ErrorCode, invalidArgument } from "@ordersaga/kernel";

import { detailsOf } from "../call/status.ts";

/** Set once a call's request has been read and its handler is asked. */
export const isRequestRead = createContextKey(false, { description: "the request has been read" });

/**
 * A request gate. What goes wrong before a handler is asked is the request's fault, but Connect answers
 * bytes that it cannot decode or decompress with INTERNAL. It aborts the call's signal with the error
 * before it sends it, so there the error is put right and given its details.
 */
export function blameRequest(context: HandlerContext): void {
  assertQueryDecodes(context);
  context.signal.addEventListener("abort", () => {
    const reason: unknown = context.signal.reason;
    if (!context.values.get(isRequestRead) && reason instanceof ConnectError) {
      putRight(reason);
    }
  });
}

/** Makes an error of Connect about a request one of ours, in place. */
function putRight(error: ConnectError): void {
  if (error.code === Code.Internal || error.code === Code.Unknown) {
    (error as { code: Code }).code = Code.InvalidArgument;
  }
  if (error.details.length === 0) {
    error.details.push(...detailsOf(blamed(error)));
  }
}

/** The same for an error that a handler meets while it reads streamed requests. */
export function blamed(error: ConnectError): AppError {
  const code = codesOfRequests[error.code] ?? "INVALID_ARGUMENT";
  return new AppError({ code, message: error.rawMessage, cause: error });
}

const codesOfRequests: Readonly<Partial<Record<Code, ErrorCode>>> = {
  [Code.Canceled]: "CANCELLED",
  [Code.Aborted]: "CANCELLED",
  [Code.ResourceExhausted]: "RESOURCE_EXHAUSTED",
  [Code.Unimplemented]: "UNIMPLEMENTED",
};

/** A unary Connect call by GET carries its message in the URL. */
function assertQueryDecodes(context: HandlerContext): void {
  if (context.requestMethod !== "GET") {
    return;
  }
  const query = new URL(context.url).searchParams;
  if (query.get("base64") === "1") {
    try {
      base64Decode(query.get("message") ?? "");
    } catch {
      const error = invalidArgument({ field: "message", description: "is not base64" });
      throw new ConnectError(error.message, Code.InvalidArgument, undefined, [...detailsOf(error)]);
    }
  }
}
