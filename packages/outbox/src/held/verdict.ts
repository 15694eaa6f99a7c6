import { type AppError, type RetryPolicy, retryDelayMs, type Rng } from "@ordersaga/kernel";

/** What becomes of a message that failed. */
export type Verdict = {
  readonly reason: string;
  readonly errorCode: string;
  /** For operators; it may tell more than a caller would be told. */
  readonly error: string;
} & ({ readonly status: "RETRYING"; readonly nextInMs: number } | { readonly status: "DEAD" });

/**
 * Judges a failed try: what can never work is dead at once, anything else is tried again until its
 * attempts are used up, or for ever.
 */
export function verdictOf(options: {
  readonly error: AppError;
  /** Tries so far, this one included. */
  readonly attempts: number;
  readonly isUnlimited: boolean;
  readonly policy: RetryPolicy;
  readonly rng: Rng;
}): Verdict {
  const { error, attempts, isUnlimited, policy, rng } = options;
  const facts = { errorCode: error.code, error: explain(error) };
  if (error.kind === "permanent") {
    return { status: "DEAD", reason: error.code, ...facts };
  }
  if (attempts >= policy.attempts && !isUnlimited) {
    return { status: "DEAD", reason: "ATTEMPTS_EXHAUSTED", ...facts };
  }
  const nextInMs = retryDelayMs({ policy, attempt: attempts, rng });
  return { status: "RETRYING", reason: "HANDLER_FAILED", nextInMs, ...facts };
}

/** The message was delivered again and again without an answer: it is run on its own, counted first. */
export const suspected: Verdict = {
  status: "RETRYING",
  reason: "REDELIVERED",
  errorCode: "",
  error: "delivered several times without an answer",
  nextInMs: 0,
};

/** Every time it was tried, the process died. */
export const killedProcess: Verdict = {
  status: "DEAD",
  reason: "KILLED_PROCESS",
  errorCode: "INTERNAL",
  error: "the process ended while it handled this message, every time",
};

/** A permanent failure found before any handler saw the message. */
export function dead(error: AppError): Verdict {
  return { status: "DEAD", reason: error.code, errorCode: error.code, error: explain(error) };
}

function explain(error: AppError): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`.slice(0, 2000);
}
