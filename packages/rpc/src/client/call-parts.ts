import { type DescMethod, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { type Client, Metadata } from "@grpc/grpc-js";
import { PermanentError } from "@ordersaga/kernel";

import type { CallOptions } from "../client.ts";

/** What makes up one try of a call. */
export type CallParts<M extends DescMethod> = {
  readonly channel: Client;
  readonly method: M;
  readonly request: Parameters<typeof import("../call/codec.ts").encode<M["input"]>>[1];
  /** Milliseconds since 1970, or Infinity. */
  readonly deadline: number;
  readonly callOptions: CallOptions;
};

export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

export function metadataOf({ sessionId, headers }: CallOptions): Metadata {
  const metadata = new Metadata();
  if (sessionId !== undefined) {
    metadata.set("x-session-id", sessionId);
  }
  if (headers !== undefined) {
    for (const [name, value] of Object.entries(headers)) {
      metadata.set(name, value);
    }
  }
  return metadata;
}

/** Decodes a response. Throws UNDECODABLE when the peer speaks of something else. */
export function responseOf<M extends DescMethod>(
  method: M,
  bytes: Uint8Array,
): MessageShape<M["output"]> {
  try {
    return fromBinary<M["output"]>(method.output, bytes);
  } catch (cause) {
    const message = `the answer to ${pathOf(method)} is not a ${method.output.typeName}`;
    throw new PermanentError({ code: "UNDECODABLE", message, cause });
  }
}
