import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Link,
  ROOT_CONTEXT,
  type Span,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import { hexOfUuid } from "@ordersaga/kernel";

/** A saga as its trace knows it. Whether it is sampled is decided once, at its birth. */
export type SagaTrace = {
  /** A UUID, with or without dashes; its 32 hex digits are the trace id. */
  readonly sagaId: string;
  readonly isSampled: boolean;
};

/**
 * Span id of the root of a saga's trace, 16 hex digits: the second half of the saga's id, which is random.
 * Everybody can name the root as the parent of a span, whoever exports it, and whenever.
 */
export function rootSpanIdOf(sagaId: string): string {
  return traceIdOf(sagaId).slice(16);
}

/** The root of a saga's trace as a `traceparent` header. Source: W3C Trace Context, section 3.2. */
export function traceparentOf(sagaId: string, isSampled: boolean): string {
  return `00-${traceIdOf(sagaId)}-${rootSpanIdOf(sagaId)}-${isSampled ? "01" : "00"}`;
}

/**
 * Whether a saga belongs to the share of sagas that is traced. The same for everybody who asks with the same
 * share, and a saga of a small share belongs to every larger one. Source: OpenTelemetry, "TraceState:
 * Probability Sampling", with the id's random bits as the source of randomness.
 */
export function isSagaSampled(sagaId: string, ratio: number): boolean {
  const randomness = Number.parseInt(traceIdOf(sagaId).slice(-13), 16) / 2 ** 52;
  return randomness >= 1 - ratio;
}

/** The context in which spans become children of a saga's root. */
export function contextOfSaga({ sagaId, isSampled }: SagaTrace): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceIdOf(sagaId),
    spanId: rootSpanIdOf(sagaId),
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

/**
 * Starts the root span of a saga: its trace id is the saga's id, its span id is {@link rootSpanIdOf}. It is
 * started when the saga ends, with the time of the saga's beginning, and may be started again after a crash.
 */
export function startSagaRoot(options: {
  readonly tracer: Tracer;
  readonly saga: SagaTrace;
  readonly name: string;
  readonly startTime: Date;
  readonly attributes?: Attributes;
  readonly links?: Link[];
}): Span {
  const { tracer, saga, name, ...rest } = options;
  return context.with(ROOT_CONTEXT.setValue(rootKey, saga), () =>
    tracer.startSpan(name, { ...rest, root: true }, context.active()),
  );
}

/** The saga whose root is being started in this context, if one is. */
export function sagaWhoseRootStarts(within: Context): SagaTrace | undefined {
  return within.getValue(rootKey) as SagaTrace | undefined;
}

/** The trace id of a saga. Throws when the id is not a UUID. */
export function traceIdOf(sagaId: string): string {
  const hex = hexOfUuid(sagaId);
  if (hex === undefined) {
    throw new Error(`${sagaId} is not the id of a saga`);
  }
  return hex;
}

const rootKey = createContextKey("saga whose root is being started");
