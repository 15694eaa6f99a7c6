import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

import { invalidArgument } from "@ordersaga/kernel";

import { statusOf } from "../call/status.ts";
import { silent } from "../log.ts";
import { grpcStatus } from "./grpc-status.ts";

/**
 * Sets `grpc-timeout` to what the server allows at most, before grpc-js reads it: every unary call has a
 * deadline. A malformed one, which grpc-js would answer with INTERNAL, is answered here with
 * INVALID_ARGUMENT; then the result is false.
 */
export function limitTimeout(options: {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly unaryPaths: ReadonlySet<string>;
  readonly maxTimeoutMs: number;
}): boolean {
  const { stream, headers, unaryPaths } = options;
  const maxMs = unaryPaths.has(headers[":path"] ?? "") ? options.maxTimeoutMs : longestTimerMs;
  const header = headers["grpc-timeout"];
  if (header === undefined) {
    if (maxMs !== longestTimerMs) {
      headers["grpc-timeout"] = timeoutText(maxMs);
    }
    return true;
  }
  const match = typeof header === "string" ? /^([0-9]{1,8})([HMSmun])$/.exec(header) : null;
  if (match === null) {
    refuse(stream, String(header));
    return false;
  }
  if (Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0) > maxMs) {
    headers["grpc-timeout"] = timeoutText(maxMs);
  }
  return true;
}

/** Timers of the platform cannot be longer: 24 days. */
const longestTimerMs = 2_147_483_000;

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000001,
};

/** The format has room for eight digits. */
function timeoutText(ms: number): string {
  return ms < 100_000_000 ? `${ms}m` : `${Math.floor(ms / 1000)}S`;
}

function refuse(stream: ServerHttp2Stream, value: string): void {
  const error = invalidArgument({ field: "grpc-timeout", description: `is not a time: ${value}` });
  const { code, details, metadata } = grpcStatus(statusOf(error, { path: "", log: silent }));
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
