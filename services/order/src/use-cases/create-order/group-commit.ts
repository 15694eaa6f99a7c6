import { AppError } from "@ordersaga/kernel";

/** What became of one call of a batch. */
export type CallOutcome<A> =
  | { readonly kind: "answer"; readonly answer: A }
  /** Its turn comes again in a later batch, before those that wait. */
  | { readonly kind: "again" };

export type GroupCommitOptions<C, A> = {
  /** Runs one batch and returns an outcome for each call, in their order. Throwing fails them all. */
  readonly run: (calls: readonly C[]) => Promise<readonly CallOutcome<A>[]>;
  readonly limits: GroupCommitLimits;
  /** Calls back once after so many milliseconds. */
  readonly after: (delayMs: number, action: () => void) => void;
};

export type GroupCommitLimits = {
  /** Calls that may wait; one more is RESOURCE_EXHAUSTED (`QUEUE_FULL`). */
  readonly maxWaiting: number;
  readonly maxBatch: number;
  readonly maxBatchesInFlight: number;
  /** How long the first call of a batch waits for others. */
  readonly gatherMs: number;
  /** What callers are told to wait when the queue is full. */
  readonly retryAfterMs: number;
};

/**
 * A bounded queue whose calls are gathered for a moment and run as one batch: a commit costs the same for
 * five hundred as for one. While all batches are in flight the queue grows, and with it the next batch,
 * so that the batches find their size by themselves.
 */
export class GroupCommit<C, A> {
  readonly #options: GroupCommitOptions<C, A>;
  #waiting: Waiting<C, A>[] = [];
  #inFlight = 0;
  #isGathering = false;
  #isStopped = false;
  #onIdle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<C, A>) {
    this.#options = options;
  }

  /** Calls that wait for a batch. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Rejects with an AppError: the call's own, `QUEUE_FULL`, or UNAVAILABLE after {@link stop}. */
  submit(call: C): Promise<A> {
    const { maxWaiting, retryAfterMs } = this.#options.limits;
    if (this.#isStopped) {
      return Promise.reject(stopping());
    }
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(queueFull(maxWaiting, retryAfterMs));
    }
    return new Promise<A>((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#schedule();
    });
  }

  /** Takes no more calls and resolves when all that were taken are answered. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#inFlight > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  #schedule(): void {
    const { limits, after } = this.#options;
    if (this.#inFlight >= limits.maxBatchesInFlight) {
      return;
    }
    if (this.#waiting.length >= limits.maxBatch) {
      this.#start();
    } else if (!this.#isGathering && this.#waiting.length > 0) {
      this.#isGathering = true;
      after(limits.gatherMs, () => {
        this.#isGathering = false;
        if (this.#inFlight < limits.maxBatchesInFlight) {
          this.#start();
        }
      });
    }
  }

  #start(): void {
    const { maxBatch } = this.#options.limits;
    const isAll = this.#waiting.length <= maxBatch;
    const batch = isAll ? this.#waiting : this.#waiting.slice(0, maxBatch);
    this.#waiting = isAll ? [] : this.#waiting.slice(maxBatch);
    if (batch.length === 0) {
      return;
    }
    this.#inFlight++;
    void this.#run(batch);
    this.#schedule();
  }

  async #run(batch: readonly Waiting<C, A>[]): Promise<void> {
    const again: Waiting<C, A>[] = [];
    try {
      const outcomes = await this.#options.run(batch.map(({ call }) => call));
      for (const [index, waiting] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome?.kind === "answer") {
          waiting.resolve(outcome.answer);
        } else if (outcome?.kind === "again") {
          again.push(waiting);
        } else {
          waiting.reject(new Error("a call of the batch got no outcome"));
        }
      }
    } catch (error) {
      for (const { reject } of batch) {
        reject(error);
      }
    }
    this.#inFlight--;
    this.#waiting.unshift(...again);
    this.#schedule();
    if (this.#inFlight === 0 && this.#waiting.length === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}

type Waiting<C, A> = {
  readonly call: C;
  readonly resolve: (answer: A) => void;
  readonly reject: (reason: unknown) => void;
};

function queueFull(maxWaiting: number, retryAfterMs: number): AppError {
  return new AppError({
    code: "RESOURCE_EXHAUSTED",
    message: `${maxWaiting} orders are waiting already; try again a little later`,
    reason: "QUEUE_FULL",
    retryAfterMs,
  });
}

function stopping(): AppError {
  return new AppError({
    code: "UNAVAILABLE",
    message: "the service is stopping",
    retryAfterMs: 1000,
  });
}
