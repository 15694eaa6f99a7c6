import type {
  DescMessage,
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { type RetryPolicy, type Rng, systemRng } from "@ordersaga/kernel";

import { openChannel } from "./client/channel.ts";
import { callServerStreaming } from "./client/server-streaming-call.ts";
import { callUnary } from "./client/unary-call.ts";
import { streamWithRetries, withRetries } from "./client/with-retries.ts";

export type CallOptions = {
  /** Sent as `x-session-id`. */
  readonly sessionId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole call with all its tries; `Infinity` for a stream that may go on for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type RpcClientOptions = {
  /** Such as `http://127.0.0.1:3002`. */
  readonly baseUrl: string;
  /** Deadline of a call that names none. */
  readonly timeoutMs: number;
  /**
   * For methods without side effects or idempotent ones, on UNAVAILABLE only. A streaming call is tried
   * again as long as nothing has come. Default: nothing is tried again.
   */
  readonly retry?: RetryPolicy;
  /** Default 16 MiB; a larger response is RESOURCE_EXHAUSTED. */
  readonly maxResponseBytes?: number;
  /** For the jitter of retries. */
  readonly rng?: Rng;
};

/**
 * A typed client over `@grpc/grpc-js`. Calls reject with an AppError that carries the peer's code, reason,
 * metadata and wrong fields; a peer that cannot be reached is UNAVAILABLE. Dispose it to close its one
 * connection.
 */
export type RpcClient<S extends DescService> = {
  readonly [K in keyof S["method"]]: S["method"][K] extends infer M
    ? M extends DescMethodUnary
      ? (
          request: MessageInitShape<M["input"]>,
          options?: CallOptions,
        ) => Promise<MessageShape<M["output"]>>
      : M extends DescMethodServerStreaming
        ? (
            request: MessageInitShape<M["input"]>,
            options?: CallOptions,
          ) => AsyncIterable<MessageShape<M["output"]>>
        : never
    : never;
} & Disposable;

/**
 * Makes a client of a service. Nothing is connected before the first call; a lost connection is made
 * again by itself, within a second of the peer's return.
 */
export function createRpcClient<S extends DescService>(
  service: S,
  options: RpcClientOptions,
): RpcClient<S> {
  const channel = openChannel(options.baseUrl, options.maxResponseBytes ?? 16 * 1024 * 1024);
  const calls: Record<string, unknown> = {};
  const { rng = systemRng } = options;
  for (const method of service.methods) {
    const policy = isRepeatable(method) ? options.retry : undefined;
    const partsOf = <M extends DescMethod>(
      called: M,
      request: MessageInitShape<M["input"]>,
      callOptions: CallOptions,
    ) => {
      const deadline = Date.now() + (callOptions.timeoutMs ?? options.timeoutMs);
      const retry = policy && { policy, rng, deadline, signal: callOptions.signal };
      return { parts: { channel, method: called, request, deadline, callOptions }, retry };
    };
    if (isUnary(method)) {
      calls[method.localName] = (request: Request, callOptions: CallOptions = {}) => {
        const { parts, retry } = partsOf(method, request, callOptions);
        return withRetries(() => callUnary(parts), retry);
      };
    } else if (isServerStreaming(method)) {
      calls[method.localName] = (request: Request, callOptions: CallOptions = {}) => {
        const { parts, retry } = partsOf(method, request, callOptions);
        return streamWithRetries(() => callServerStreaming(parts), retry);
      };
    }
  }
  return { ...calls, [Symbol.dispose]: () => channel.close() } as unknown as RpcClient<S>;
}

type Request = MessageInitShape<DescMessage>;

function isUnary(method: DescMethod): method is DescMethod & DescMethodUnary {
  return method.methodKind === "unary";
}

function isServerStreaming(method: DescMethod): method is DescMethod & DescMethodServerStreaming {
  return method.methodKind === "server_streaming";
}

function isRepeatable(method: DescMethod): boolean {
  const { idempotency } = method;
  return idempotency === Idempotency.NO_SIDE_EFFECTS || idempotency === Idempotency.IDEMPOTENT;
}
