import type { IncomingHttpHeaders } from "node:http2";

import { invalidArgument } from "@ordersaga/kernel";

/**
 * Sets `grpc-timeout` to at most `maxMs`, or to just that where the caller names none, before grpc-js
 * reads it. Throws INVALID_ARGUMENT for a malformed one, which grpc-js would answer with INTERNAL.
 */
export function limitTimeout(headers: IncomingHttpHeaders, maxMs: number): void {
  const header = headers["grpc-timeout"];
  if (header === undefined) {
    if (maxMs < longestTimerMs) {
      headers["grpc-timeout"] = timeoutText(maxMs);
    }
    return;
  }
  const match = typeof header === "string" ? /^([0-9]{1,8})([HMSmun])$/.exec(header) : null;
  if (match === null) {
    throw invalidArgument({
      field: "grpc-timeout",
      description: `is not a time: ${String(header)}`,
    });
  }
  const limitMs = Math.min(maxMs, longestTimerMs);
  if (Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0) > limitMs) {
    headers["grpc-timeout"] = timeoutText(limitMs);
  }
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
  return ms < 100_000_000 ? `${Math.ceil(ms)}m` : `${Math.floor(ms / 1000)}S`;
}
