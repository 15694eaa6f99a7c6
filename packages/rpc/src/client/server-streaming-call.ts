import type { DescMethodServerStreaming, MessageShape } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";

import { encode, passThrough } from "../call/codec.ts";
import { cancelled } from "../call/ends.ts";
import { type CallParts, metadataOf, pathOf, responseOf } from "./call-parts.ts";
import { errorOfStatus } from "./error-of-status.ts";

/** Makes one try of a call whose responses are streamed. Leaving the loop cancels the call. */
export async function* callServerStreaming<M extends DescMethodServerStreaming>(
  parts: CallParts<M>,
): AsyncGenerator<MessageShape<M["output"]>, void, undefined> {
  const { channel, method, request, deadline, callOptions } = parts;
  const { signal } = callOptions;
  if (signal?.aborted === true) {
    throw cancelled();
  }
  const call = channel.makeServerStreamRequest(
    pathOf(method),
    passThrough,
    passThrough,
    encode<M["input"]>(method.input, request),
    metadataOf(callOptions),
    { deadline },
  );
  const cancel = (): void => call.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  // Also after the loop was left, when nobody listens any more.
  call.on("error", () => {});
  try {
    for await (const bytes of call as AsyncIterable<Buffer>) {
      yield responseOf(method, bytes);
    }
  } catch (reason) {
    throw isServiceError(reason) ? errorOfStatus(reason) : reason;
  } finally {
    signal?.removeEventListener("abort", cancel);
    call.cancel();
  }
}

function isServiceError(reason: unknown): reason is ServiceError {
  return reason instanceof Error && "metadata" in reason && "details" in reason;
}
