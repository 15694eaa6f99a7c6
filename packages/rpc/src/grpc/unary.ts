import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";

import type { CallHost } from "../call/call-host.ts";
import { decode, encode } from "../call/codec.ts";
import type { ServedUnary } from "../call/served-method.ts";
import { statusOf } from "../call/status.ts";
import { validate } from "../call/validate.ts";
import { GrpcCall } from "./grpc-call.ts";
import { grpcStatus } from "./grpc-status.ts";

/** Makes grpc-js's handler of a unary method. */
export function unary(served: ServedUnary, host: CallHost): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    void answer(served, host, call, callback);
  };
}

async function answer(
  served: ServedUnary,
  host: CallHost,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): Promise<void> {
  let context: GrpcCall | undefined;
  let isAnswered = false;
  const fail = (reason: unknown): void => {
    if (!isAnswered) {
      isAnswered = true;
      callback(grpcStatus(statusOf(reason, { path: served.path, log: host.log })));
    }
  };
  try {
    context = new GrpcCall({ call, served, host, onAbort: fail });
    host.running.add(context);
    const request = decode(served.method.input, call.request);
    validate(served.method.input, request);
    const response = await served.handler(request, context);
    const bytes = encode(served.method.output, response);
    if (!isAnswered) {
      isAnswered = true;
      callback(null, bytes);
    }
  } catch (reason) {
    fail(call.cancelled && context !== undefined ? context.signal.reason : reason);
  } finally {
    if (context !== undefined) {
      context.end();
      host.running.delete(context);
    }
  }
}
