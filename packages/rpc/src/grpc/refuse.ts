import type { ServerHttp2Stream } from "node:http2";

import { statusOf } from "../call/status.ts";
import type { RpcLog } from "../log.ts";
import { grpcStatus } from "./grpc-status.ts";

/** Answers a stream with an error before grpc-js sees it. */
export function refuse(
  stream: ServerHttp2Stream,
  error: unknown,
  context: { readonly path: string; readonly log: RpcLog },
): void {
  const { code, details, metadata } = grpcStatus(statusOf(error, context));
  // The caller may be gone by now, which is nobody's concern.
  stream.on("error", () => {});
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc+proto",
      "grpc-status": code,
      "grpc-message": encodeURIComponent(details),
      ...metadata.toHttp2Headers(),
    },
    { endStream: true },
  );
}
