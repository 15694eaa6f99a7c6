import { createServer } from "node:http";
import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";

import { createAdmit } from "./call/admission.ts";
import type { CallHost } from "./call/call-host.ts";
import { createRunningCalls } from "./call/running-calls.ts";
import { servedMethods } from "./call/served-method.ts";
import { connectRoutes } from "./connect/connect-routes.ts";
import { createGrpcServer, type StreamListener } from "./grpc/grpc-server.ts";
import type { ServedService } from "./handler.ts";
import { createHealth } from "./health/health.ts";
import type { HttpEndpoints } from "./http/endpoint.ts";
import type { HttpResponse } from "./http/http-message.ts";
import { createRequestListener } from "./http/request-listener.ts";
import { welcomeOf } from "./http/welcome.ts";
import { type RpcLog, silent } from "./log.ts";
import { listenOnOnePort } from "./one-port.ts";
import { createReflection } from "./reflection/reflection.ts";
import { stopGracefully } from "./stop-gracefully.ts";

export type RpcServerOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  readonly services: readonly ServedService[];
  /** Bearer token of operators; without one nobody is an operator. */
  readonly operatorToken?: string;
  /** Largest request in bytes; larger ones are RESOURCE_EXHAUSTED. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** Longest that a unary call may take, whatever the caller asks for. Default 30 s. */
  readonly maxTimeoutMs?: number;
  /** How long `stop` waits for running calls. Default 5 s. */
  readonly drainMs?: number;
  /** How long a connection may take to say which protocol it speaks. Default 10 s. */
  readonly firstBytesWithinMs?: number;
  /** Plain HTTP endpoints besides RPC, by path (webhooks, metrics). */
  readonly http?: HttpEndpoints;
  /** Gets every failed call, as loudly as its code deserves. Default: nobody does. */
  readonly log?: RpcLog;
};

/**
 * One port that speaks gRPC, Connect, gRPC-Web and JSON, with reflection and health. It starts
 * NOT_SERVING; the service says when it is ready.
 */
export type RpcServer = AsyncDisposable & {
  readonly port: number;
  readonly setServing: (isServing: boolean) => void;
  /** NOT_SERVING, no new calls, running calls finish within `drainMs`, then closed. */
  readonly stop: () => Promise<void>;
};

/** Starts a server. Throws when the port is taken or a method has no handler. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const running = createRunningCalls();
  const host: CallHost = {
    admit: createAdmit(options.operatorToken),
    running,
    log: options.log ?? silent,
    maxRequestBytes: options.maxRequestBytes ?? 4 * 1024 * 1024,
    maxTimeoutMs: options.maxTimeoutMs ?? 30_000,
  };
  const health = createHealth(options.services);
  const withHealth = [...options.services, health.service];
  const methods = servedMethods([...withHealth, ...createReflection(withHealth)]);

  const answer = createRequestListener({
    routes: connectRoutes(methods, host),
    endpoints: options.http ?? {},
    welcome: welcomeOf(methods),
    maxRequestBytes: host.maxRequestBytes,
    requestWithinMs: host.maxTimeoutMs,
    log: host.log,
  });
  const firstBytesWithinMs = options.firstBytesWithinMs ?? 10_000;
  const http1 = createServer(
    {
      headersTimeout: Math.min(firstBytesWithinMs, host.maxTimeoutMs),
      requestTimeout: host.maxTimeoutMs,
      connectionsCheckingInterval: 1000,
    },
    answer,
  );
  // It never listens itself, but only then would it watch for requests that do not end.
  http1.emit("listening");
  const grpc = createGrpcServer(methods, host, asRequests(answer));

  const port = await listenOnOnePort({
    port: options.port,
    host: options.host ?? "127.0.0.1",
    firstBytesWithinMs,
    http1: (socket: Socket) => void http1.emit("connection", socket),
    http2: grpc.accept,
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopped ??= stopGracefully({
      health,
      port,
      http1,
      grpc,
      running,
      drainMs: options.drainMs ?? 5000,
    });
    await stopped;
  };
  return { port: port.port, setServing: health.setServing, stop, [Symbol.asyncDispose]: stop };
}

/** Streams of HTTP/2 in the form of requests and responses. */
function asRequests(answer: ReturnType<typeof createRequestListener>): StreamListener {
  return (stream, headers, _flags, rawHeaders) => {
    const request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
    answer(request, new Http2ServerResponse(stream) as unknown as HttpResponse);
  };
}
