import type {
  OutgoingHttpHeaders,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from "node:http2";

import { status } from "@grpc/grpc-js";

/**
 * grpc-js answers bytes that it cannot decompress with INTERNAL, though it is the request that is wrong.
 * On the stream of a compressed request this puts that answer right.
 */
export function blameRequest(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (
    headers: OutgoingHttpHeaders = {},
    options?: ServerStreamResponseOptions,
  ): void => {
    const isWrong =
      headers["grpc-status"] === status.INTERNAL && headers["grpc-message"] === undecompressed;
    respond(isWrong ? { ...headers, "grpc-status": status.INVALID_ARGUMENT } : headers, options);
  };
}

const undecompressed = encodeURI("Failed to decompress message");
