import { type Context, context } from "@opentelemetry/api";
import {
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

import { rootSpanIdOf, sagaWhoseRootStarts, traceIdOf } from "./saga-trace.ts";

/** Random ids, except for the root of a saga, whose ids come from the saga's. */
export class SagaIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    const saga = sagaWhoseRootStarts(context.active());
    return saga === undefined ? this.#random.generateTraceId() : traceIdOf(saga.sagaId);
  }

  generateSpanId(): string {
    const saga = sagaWhoseRootStarts(context.active());
    return saga === undefined ? this.#random.generateSpanId() : rootSpanIdOf(saga.sagaId);
  }
}

/** What a saga decided at its birth holds for its root; other spans follow their parent, or the ratio. */
export function sagaSampler(ratio: number): Sampler {
  const others = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  return {
    shouldSample: (within: Context, ...rest) => {
      const saga = sagaWhoseRootStarts(within);
      if (saga === undefined) {
        return others.shouldSample(within, ...rest);
      }
      const { RECORD_AND_SAMPLED, NOT_RECORD } = SamplingDecision;
      return { decision: saga.isSampled ? RECORD_AND_SAMPLED : NOT_RECORD };
    },
    toString: () => `SagaSampler{${others.toString()}}`,
  };
}
