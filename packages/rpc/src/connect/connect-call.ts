import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { AppError } from "@ordersaga/kernel";

import type { CallHost } from "../call/call-host.ts";
import { cancelled, deadlineExceeded } from "../call/ends.ts";
import type { RunningCall } from "../call/running-calls.ts";
import type { ServedMethod } from "../call/served-method.ts";
import type { CallContext } from "../handler.ts";

/** A call of Connect, gRPC-Web or JSON as its handler sees it. */
export class ConnectCall implements CallContext, RunningCall {
  readonly sessionId: string;
  readonly isOperator: boolean;
  readonly #context: HandlerContext;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #maxTimeoutMs: number;
  readonly #startedAt = performance.now();

  /** Throws when the caller is not admitted. Must be ended. */
  constructor(options: {
    readonly context: HandlerContext;
    readonly served: ServedMethod;
    readonly host: CallHost;
  }) {
    const { context, served, host } = options;
    const { sessionId, isOperator } = host.admit({
      needsSession: served.needsSession,
      session: context.requestHeader.get("x-session-id") ?? undefined,
      authorization: context.requestHeader.get("authorization") ?? undefined,
    });
    this.sessionId = sessionId;
    this.isOperator = isOperator;
    this.#context = context;
    this.#maxTimeoutMs = served.kind === "unary" ? host.maxTimeoutMs : Infinity;
    if (this.#maxTimeoutMs < (context.timeoutMs() ?? Infinity)) {
      this.#timer = setTimeout(() => this.abort(deadlineExceeded()), this.#maxTimeoutMs);
    }
    context.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (context.signal.aborted) {
      this.#onAbort();
    }
  }

  get headers(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#context.requestHeader);
  }

  get traceparent(): string {
    return this.#context.requestHeader.get("traceparent") ?? "";
  }

  get timeoutMs(): number | undefined {
    const left = this.#maxTimeoutMs - (performance.now() - this.#startedAt);
    const timeoutMs = Math.min(left, this.#context.timeoutMs() ?? Infinity);
    return Number.isFinite(timeoutMs) ? Math.max(0, Math.round(timeoutMs)) : undefined;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: AppError): void {
    this.#controller.abort(reason);
  }

  /** Lets go of what the call holds. */
  end(): void {
    clearTimeout(this.#timer);
    this.#context.signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#context.signal.reason;
    const isLate = reason instanceof ConnectError && reason.code === Code.DeadlineExceeded;
    this.abort(isLate ? deadlineExceeded() : cancelled());
  };
}
