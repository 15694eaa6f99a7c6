import { once } from "node:events";

import type { DescMethod, Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  ServerDuplexStream,
  ServerWritableStream,
} from "@grpc/grpc-js";

import type { CallHost } from "../call/call-host.ts";
import { decode, encode } from "../call/codec.ts";
import type { ServedBiDi, ServedMethod, ServedStream } from "../call/served-method.ts";
import { statusOf } from "../call/status.ts";
import { untilAborted } from "../call/until-aborted.ts";
import { validate } from "../call/validate.ts";
import { GrpcCall } from "./grpc-call.ts";
import { grpcStatus } from "./grpc-status.ts";

/** Makes grpc-js's handler of a method that streams responses. */
export function serverStreaming(
  served: ServedStream,
  host: CallHost,
): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    void stream(call, { served, host }, (context) => {
      const request = decode(served.method.input, call.request);
      validate(served.method.input, request);
      return served.handler(request, context);
    });
  };
}

/** Makes grpc-js's handler of a method that streams both ways. */
export function bidiStreaming(
  served: ServedBiDi,
  host: CallHost,
): handleBidiStreamingCall<Buffer, Buffer> {
  return (call) => {
    void stream(call, { served, host }, (context) =>
      served.handler(requestsOf(call, served), context),
    );
  };
}

type WritableCall = ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

async function stream(
  call: WritableCall,
  { served, host }: { readonly served: ServedMethod; readonly host: CallHost },
  respond: (context: GrpcCall) => AsyncIterable<MessageInitShape<DescMethod["output"]>>,
): Promise<void> {
  let context: GrpcCall | undefined;
  try {
    context = new GrpcCall({ call, served, host });
    host.running.add(context);
    const { signal } = context;
    for await (const response of untilAborted(respond(context), signal)) {
      if (!call.write(encode(served.method.output, response))) {
        await once(call, "drain", { signal });
      }
    }
    call.end();
  } catch (reason) {
    const cause = context?.signal.aborted === true ? context.signal.reason : reason;
    call.emit("error", grpcStatus(statusOf(cause, { path: served.path, log: host.log })));
  } finally {
    if (context !== undefined) {
      host.running.delete(context);
    }
  }
}

async function* requestsOf(
  call: ServerDuplexStream<Buffer, Buffer>,
  served: ServedBiDi,
): AsyncGenerator<Message> {
  // The last request must not end the call: its responses are still to come.
  for await (const bytes of call.iterator({ destroyOnReturn: false })) {
    const request = decode(served.method.input, bytes);
    validate(served.method.input, request);
    yield request;
  }
}
