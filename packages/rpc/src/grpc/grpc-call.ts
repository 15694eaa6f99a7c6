import type { EventEmitter } from "node:events";

import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { AppError } from "@ordersaga/kernel";

import type { CallHost } from "../call/call-host.ts";
import { cancelled, deadlineExceeded } from "../call/ends.ts";
import type { RunningCall } from "../call/running-calls.ts";
import type { ServedMethod } from "../call/served-method.ts";
import type { CallContext } from "../handler.ts";

/** The part of grpc-js's calls that all kinds of methods share. */
export type SurfaceCall = EventEmitter &
  Pick<ServerUnaryCall<Buffer, Buffer>, "cancelled" | "metadata" | "getDeadline">;

/** A gRPC call as its handler sees it. What costs something is made when it is first asked for. */
export class GrpcCall implements CallContext, RunningCall {
  readonly sessionId: string;
  readonly isOperator: boolean;
  readonly #call: SurfaceCall;
  readonly #onAbort: ((reason: AppError) => void) | undefined;
  #isAnswered = false;
  #controller: AbortController | undefined;
  #aborted: AppError | undefined;

  /** Throws when the caller is not admitted. */
  constructor(options: {
    readonly call: SurfaceCall;
    readonly served: ServedMethod;
    readonly host: CallHost;
    /** Answers a call that the server gives up. */
    readonly onAbort?: (reason: AppError) => void;
  }) {
    const { call, served, host } = options;
    const { sessionId, isOperator } = host.admit({
      needsSession: served.needsSession,
      session: header(call, "x-session-id"),
      authorization: header(call, "authorization"),
    });
    this.sessionId = sessionId;
    this.isOperator = isOperator;
    this.#call = call;
    this.#onAbort = options.onAbort;
  }

  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#call.metadata.getMap())) {
      if (typeof value === "string") {
        headers[name] = value;
      }
    }
    return headers;
  }

  get traceparent(): string {
    return header(this.#call, "traceparent") ?? "";
  }

  get timeoutMs(): number | undefined {
    const deadline = Number(this.#call.getDeadline());
    return Number.isFinite(deadline) ? Math.max(0, deadline - Date.now()) : undefined;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#control();
    return this.#controller.signal;
  }

  abort(reason: AppError): void {
    if (this.#aborted === undefined) {
      this.#aborted = reason;
      this.#controller?.abort(reason);
      this.#onAbort?.(reason);
    }
  }

  /** The caller has its answer: from now on nothing aborts the signal. */
  end(): void {
    this.#isAnswered = true;
  }

  #control(): AbortController {
    const controller = new AbortController();
    if (this.#aborted !== undefined) {
      controller.abort(this.#aborted);
    } else if (this.#call.cancelled) {
      controller.abort(this.#ending());
    } else {
      this.#call.once("cancelled", () => {
        // grpc-js also says so at the end of a call that was answered.
        if (!this.#isAnswered) {
          controller.abort(this.#aborted ?? this.#ending());
        }
      });
    }
    return controller;
  }

  #ending(): AppError {
    // grpc-js does not say which it was, and timers may be a little early.
    return (this.timeoutMs ?? Infinity) <= 2 ? deadlineExceeded() : cancelled();
  }
}

function header(call: SurfaceCall, name: string): string | undefined {
  const [value] = call.metadata.get(name);
  return typeof value === "string" ? value : undefined;
}
