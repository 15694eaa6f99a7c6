import { type Clock, retryDelayMs, type RetryPolicy, type Rng } from "@ordersaga/kernel";

/** Remembers whether the provider is out of reach, and until when it is not worth asking. */
export type Outage = {
  /** It could not be reached. Returns when it is worth asking again: later each time. */
  readonly begins: () => Date;
  /** It was reached. */
  readonly isOver: () => void;
  /** When it is worth asking again; undefined when it is worth it now. */
  readonly until: () => Date | undefined;
};

/** Failures of calls that went out together count as one. */
export function createOutage(options: {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly rng: Rng;
}): Outage {
  const { policy, clock, rng } = options;
  let failures = 0;
  let until = new Date(0);
  const isAway = (): boolean => clock.now() < until;
  return {
    begins: () => {
      if (!isAway()) {
        failures++;
        const delayMs = retryDelayMs({ policy, attempt: failures, rng });
        until = new Date(clock.now().getTime() + delayMs);
      }
      return until;
    },
    isOver: () => {
      failures = 0;
      until = new Date(0);
    },
    until: () => (isAway() ? until : undefined),
  };
}
