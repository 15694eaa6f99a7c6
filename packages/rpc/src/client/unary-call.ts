import type { DescMethodUnary, MessageShape } from "@bufbuild/protobuf";

import { encode, passThrough } from "../call/codec.ts";
import { cancelled } from "../call/ends.ts";
import { type CallParts, metadataOf, pathOf, responseOf } from "./call-parts.ts";
import { errorOfStatus } from "./error-of-status.ts";

/** Makes one try of a unary call. */
export async function callUnary<M extends DescMethodUnary>(
  parts: CallParts<M>,
): Promise<MessageShape<M["output"]>> {
  const { channel, method, request, deadline, callOptions } = parts;
  const { signal } = callOptions;
  const argument = encode<M["input"]>(method.input, request);
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled());
      return;
    }
    const cancel = (): void => call.cancel();
    const call = channel.makeUnaryRequest(
      pathOf(method),
      passThrough,
      passThrough,
      argument,
      metadataOf(callOptions),
      { deadline },
      (error, response) => {
        signal?.removeEventListener("abort", cancel);
        if (error !== null || response === undefined) {
          reject(errorOfStatus(error));
        } else {
          resolve(response);
        }
      },
    );
    signal?.addEventListener("abort", cancel, { once: true });
  });
  return responseOf(method, bytes);
}
