import type {
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

/** What a handler knows about a call besides its request. */
export type CallContext = {
  /** From the header `x-session-id`; `*` only for operators. Empty for services that need none. */
  readonly sessionId: string;
  /** The call carries the operator's bearer token. */
  readonly isOperator: boolean;
  /** Lower-case header name → value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the caller went away, its deadline passed, or the server stops. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left to answer; undefined for a stream whose caller set no deadline. */
  readonly timeoutMs: number | undefined;
  /** W3C trace context of the caller, or empty. */
  readonly traceparent: string;
};

export type UnaryHandler<M extends DescMethodUnary> = (
  request: MessageShape<M["input"]>,
  context: CallContext,
) => Promise<MessageInitShape<M["output"]>>;

export type StreamHandler<M extends DescMethodServerStreaming> = (
  request: MessageShape<M["input"]>,
  context: CallContext,
) => AsyncIterable<MessageInitShape<M["output"]>>;

export type BiDiHandler<M extends DescMethodBiDiStreaming> = (
  requests: AsyncIterable<MessageShape<M["input"]>>,
  context: CallContext,
) => AsyncIterable<MessageInitShape<M["output"]>>;

/**
 * One handler for each method of a service. Requests arrive decoded and validated. What a handler throws
 * becomes the call's status: an AppError with its code and details, anything else INTERNAL without a word
 * about its cause. Methods that stream requests only (client streaming) cannot be served.
 */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S["method"]]: S["method"][K] extends infer M
    ? M extends DescMethodUnary
      ? UnaryHandler<M>
      : M extends DescMethodServerStreaming
        ? StreamHandler<M>
        : M extends DescMethodBiDiStreaming
          ? BiDiHandler<M>
          : never
    : never;
};

/** A service with its handlers, ready to be served over every protocol. */
export type ServedService = {
  readonly service: DescService;
  readonly handlers: Handlers<DescService>;
  /** False for services whose data belongs to no session. */
  readonly needsSession: boolean;
};
