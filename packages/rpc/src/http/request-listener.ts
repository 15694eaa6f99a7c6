import { constants } from "node:http2";

import type { ConnectRouter } from "@connectrpc/connect";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { uuidv7 } from "@ordersaga/kernel";

import type { RpcLog } from "../log.ts";
import { allowEveryOrigin, answerPreflight } from "./cors.ts";
import { answerEndpoint, type HttpEndpoints } from "./endpoint.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { answerUnknown } from "./unknown.ts";

export type RequestListener = (request: HttpRequest, response: HttpResponse) => void;

/**
 * Answers everything that is not gRPC, over HTTP/1.1 and HTTP/2 alike: Connect, gRPC-Web and JSON, the
 * plain endpoints, the page at `/`, and browsers that ask first.
 */
export function createRequestListener(options: {
  readonly routes: ConnectRouter["handlers"];
  readonly endpoints: HttpEndpoints;
  /** Body of `GET /`. */
  readonly welcome: string;
  readonly maxRequestBytes: number;
  /** How long a request may take to arrive. */
  readonly requestWithinMs: number;
  readonly log: RpcLog;
}): RequestListener {
  const routes = new Map(options.routes.map((route) => [route.requestPath, route]));
  const { welcome, maxRequestBytes, requestWithinMs, log } = options;
  const endpoints = new Map(Object.entries(options.endpoints));
  const answer = async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const path = URL.parse(request.url ?? "", "http://localhost")?.pathname ?? "";
    allowEveryOrigin(response);
    if (answerPreflight(request, response)) {
      return;
    }
    const endpoint = endpoints.get(path);
    const route = routes.get(path);
    if (route?.method.methodKind !== "bidi_streaming") {
      expectEnd(request, response, requestWithinMs);
    }
    if (endpoint !== undefined) {
      await answerEndpoint({ request, response, endpoint, maxRequestBytes });
    } else if (route !== undefined && !hasAuthority(request)) {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: "invalid_argument", message: "host: is no host" }));
    } else if (route !== undefined) {
      const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
      await universalResponseToNodeResponse(await route(universal), response);
    } else if (path === "/" && request.method === "GET") {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      response.end(welcome);
    } else {
      answerUnknown(path, request, response);
    }
  };
  return (request, response) => {
    answer(request, response).catch((reason: unknown) => {
      if (response.destroyed || response.stream?.destroyed === true) {
        return;
      }
      fail({ reason, request, response, log });
    });
  };
}

/** HTTP/1.1 times its requests itself; a stream of HTTP/2 whose request does not end is closed. */
function expectEnd(request: HttpRequest, response: HttpResponse, withinMs: number): void {
  const { stream } = response;
  if (stream === undefined || stream.endAfterHeaders) {
    return;
  }
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), withinMs);
  const stop = (): void => clearTimeout(timer);
  request.once("end", stop);
  stream.once("close", stop);
}

function hasAuthority({ headers, url }: HttpRequest): boolean {
  const authority = headers[":authority"] ?? headers.host;
  return typeof authority === "string" && URL.canParse(url ?? "", `http://${authority}`);
}

function fail(options: {
  readonly reason: unknown;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly log: RpcLog;
}): void {
  const { reason, request, response, log } = options;
  const errorId = uuidv7();
  log.error({ err: reason, method: request.method, url: request.url, errorId }, "a request failed");
  if (response.headersSent) {
    response.destroy();
  } else {
    response.writeHead(500, { "content-type": "application/json" });
    response.end(JSON.stringify({ code: "internal", message: `internal error ${errorId}` }));
  }
}
