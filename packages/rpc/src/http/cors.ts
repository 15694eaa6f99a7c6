import { cors } from "@connectrpc/connect";

import type { HttpRequest, HttpResponse } from "./http-message.ts";

/** Lets browsers of every origin call, and read what gRPC-Web says in headers. */
export function allowEveryOrigin(response: HttpResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", exposedHeaders);
}

/** Answers a browser that asks whether it may call. */
export function answerPreflight(request: HttpRequest, response: HttpResponse): boolean {
  const isPreflight =
    request.method === "OPTIONS" && "access-control-request-method" in request.headers;
  if (isPreflight) {
    response.setHeader("access-control-allow-methods", allowedMethods);
    response.setHeader("access-control-allow-headers", allowedHeaders);
    response.setHeader("access-control-max-age", "7200");
    response.writeHead(204);
    response.end();
  }
  return isPreflight;
}

const exposedHeaders = cors.exposedHeaders.join(", ");
const allowedMethods = cors.allowedMethods.join(", ");
const allowedHeaders = [
  ...cors.allowedHeaders,
  "authorization",
  "idempotency-key",
  "traceparent",
  "tracestate",
  "x-session-id",
].join(", ");
