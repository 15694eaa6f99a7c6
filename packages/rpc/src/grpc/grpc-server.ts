import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";

import { type ChannelOptions, Server, ServerCredentials } from "@grpc/grpc-js";

import { AppError } from "@ordersaga/kernel";

import type { CallHost } from "../call/call-host.ts";
import { passThrough } from "../call/codec.ts";
import type { ServedMethod } from "../call/served-method.ts";
import { blameRequest } from "./blame-request.ts";
import { limitTimeout } from "./limit-timeout.ts";
import { refuse } from "./refuse.ts";
import { bidiStreaming, serverStreaming } from "./streaming.ts";
import { unary } from "./unary.ts";

export type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void;

export type GrpcServer = {
  /** Takes over a socket that speaks HTTP/2. */
  readonly accept: (socket: Socket) => void;
  /** Sends GOAWAY on every connection: calls that run may finish, and no new ones come. */
  readonly goAway: () => void;
};

/**
 * Serves gRPC by grpc-js on sockets that it is given. Streams of HTTP/2 that are not gRPC go to
 * `otherStreams`.
 */
export function createGrpcServer(
  methods: readonly ServedMethod[],
  host: CallHost,
  otherStreams: StreamListener,
): GrpcServer {
  const server = new Server(channelOptions(host));
  for (const method of methods) {
    register(server, method, host);
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const http2Server = http2ServerOf(server);
  const [grpcStreams] = http2Server.listeners("stream") as unknown as StreamListener[];
  if (grpcStreams === undefined) {
    throw new Error("grpc-js does not listen for streams as its pinned version does");
  }
  const served = new Map(methods.map((method) => [method.path, method]));
  http2Server.removeAllListeners("stream");
  http2Server.on("stream", (stream: ServerHttp2Stream, headers, flags, rawHeaders) => {
    if (!grpcContentType.test(headers["content-type"] ?? "")) {
      otherStreams(stream, headers, flags, rawHeaders);
      return;
    }
    const path = headers[":path"] ?? "";
    try {
      const method = served.get(path) ?? unimplemented(path);
      limitTimeout(headers, method.kind === "unary" ? host.maxTimeoutMs : Infinity);
    } catch (error) {
      refuse(stream, error, { path, log: host.log });
      return;
    }
    if ((headers["grpc-encoding"] ?? "identity") !== "identity") {
      blameRequest(stream);
    }
    grpcStreams(stream, headers, flags, rawHeaders);
  });
  return {
    accept: (socket) => injector.injectConnection(socket),
    goAway: () => injector.destroy(),
  };
}

function unimplemented(path: string): never {
  throw new AppError({ code: "UNIMPLEMENTED", message: `${path} is not served here` });
}

const grpcContentType = /^application\/grpc(?:\+proto)?(?:;|$)/;

function channelOptions(host: CallHost): ChannelOptions {
  return {
    "grpc.max_receive_message_length": host.maxRequestBytes,
    "grpc.max_concurrent_streams": 4096,
    "grpc.enable_channelz": 0,
    // Finds connections whose other end is gone, or never spoke HTTP/2 past its preface.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
  };
}

function register(server: Server, served: ServedMethod, host: CallHost): void {
  switch (served.kind) {
    case "unary":
      server.register(served.path, unary(served, host), passThrough, passThrough, "unary");
      return;
    case "server_streaming":
      server.register(
        served.path,
        serverStreaming(served, host),
        passThrough,
        passThrough,
        "serverStream",
      );
      return;
    case "bidi_streaming":
      server.register(served.path, bidiStreaming(served, host), passThrough, passThrough, "bidi");
      return;
  }
}

/** Reaches into a private field, for grpc-js has no other way to share its connections. */
function http2ServerOf(server: Server): Http2Server {
  const { http2Servers } = server as unknown as { http2Servers?: Map<Http2Server, unknown> };
  const [http2Server] = http2Servers?.keys() ?? [];
  if (http2Server === undefined) {
    throw new Error("grpc-js does not keep its HTTP/2 servers as its pinned version does");
  }
  return http2Server;
}
