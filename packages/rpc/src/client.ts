import type {
  DescMethodUnary,
  DescMethodServerStreaming,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { RetryPolicy } from "@ordersaga/kernel";

export type CallOptions = {
  /** Sent as `x-session-id`. */
  readonly sessionId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type RpcClientOptions = {
  /** Such as `http://127.0.0.1:3002`. */
  readonly baseUrl: string;
  /** Deadline of a call that names none. */
  readonly timeoutMs: number;
  /** For methods without side effects or idempotent ones, on UNAVAILABLE only. */
  readonly retry?: RetryPolicy;
};

/** A typed client over `@grpc/grpc-js`. Calls reject with an AppError that carries the peer's code and reason. */
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

export type CreateRpcClient = <S extends DescService>(
  service: S,
  options: RpcClientOptions,
) => RpcClient<S>;
