import { status } from "@grpc/grpc-js";

import type { HttpRequest, HttpResponse } from "./http-message.ts";

/**
 * Answers a path that nobody serves. One that looks like an RPC is UNIMPLEMENTED in the words of the
 * caller's protocol; any other is simply not found.
 */
export function answerUnknown(path: string, request: HttpRequest, response: HttpResponse): void {
  request.resume();
  const contentType = request.headers["content-type"] ?? "";
  const message = `${path} is not served here`;
  if (contentType.startsWith("application/grpc")) {
    response.writeHead(200, {
      "content-type": contentType,
      "grpc-status": String(status.UNIMPLEMENTED),
      "grpc-message": encodeURIComponent(message),
    });
    response.end();
  } else if (contentType.startsWith("application/connect+")) {
    response.writeHead(200, { "content-type": contentType });
    response.end(endOfStream({ error: { code: "unimplemented", message } }));
  } else {
    const isRpc = rpcPath.test(path);
    response.writeHead(isRpc ? 501 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify({ code: isRpc ? "unimplemented" : "not_found", message }));
  }
}

const rpcPath = /^\/[A-Za-z_][\w.]*\.[A-Z]\w*\/[A-Z]\w*$/;

/** The envelope that ends a stream of the Connect protocol. */
function endOfStream(end: object): Buffer {
  const data = Buffer.from(JSON.stringify(end));
  const head = Buffer.alloc(5);
  head.writeUInt8(0b10, 0);
  head.writeUInt32BE(data.length, 1);
  return Buffer.concat([head, data]);
}
