import { AppError, uuidOf } from "@ordersaga/kernel";

import type { SagaFacts } from "../../domain/saga-facts.ts";

export type WatchHubOptions = {
  readonly findSagas: (ids: readonly string[]) => Promise<readonly SagaFacts[]>;
  /** How many may watch at once; one more is RESOURCE_EXHAUSTED. */
  readonly maxWatchers: number;
  /** Told when a look at the table failed; the next look makes up for it. */
  readonly onTrouble: (error: unknown) => void;
};

/** Somebody who waits for the changes of one saga. */
export type Watcher = Disposable & {
  /**
   * The newest facts since the last call, as soon as there are any; undefined when the signal is aborted
   * first, or the saga has been removed. Changes that come faster than they are asked for are seen as one.
   * Throws UNAVAILABLE when the hub is stopped: somebody else may know how it goes on.
   */
  readonly next: (signal: AbortSignal) => Promise<SagaFacts | undefined>;
};

/**
 * Looks at the sagas that are watched, many with one statement: those that have changed as soon as it is
 * told, and all of them now and then, because another instance may have made the change.
 */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #watchers = new Map<string, Set<Waiter>>();
  #count = 0;
  #changed = new Set<string>();
  #isLooking = false;
  #isStopped = false;

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  /** Begins to watch; a first look is on its way. The id has dashes. */
  watch(sagaId: string): Watcher {
    const { maxWatchers } = this.#options;
    if (this.#isStopped) {
      throw stopping();
    }
    if (this.#count >= maxWatchers) {
      throw tooManyWatchers(maxWatchers);
    }
    const waiter = new Waiter();
    const others = this.#watchers.get(sagaId) ?? new Set();
    this.#watchers.set(sagaId, others.add(waiter));
    this.#count++;
    this.changed([sagaId]);
    return {
      next: (signal) => waiter.next(signal),
      [Symbol.dispose]: () => this.#forget(sagaId, waiter),
    };
  }

  /** Looks at those of these sagas that are watched; ids come with or without dashes. */
  changed(sagaIds: Iterable<string>): void {
    if (this.#count === 0) {
      return;
    }
    for (const id of sagaIds) {
      const sagaId = uuidOf(id) ?? id;
      if (this.#watchers.has(sagaId)) {
        this.#changed.add(sagaId);
      }
    }
    void this.#look();
  }

  /** Looks at all that are watched. */
  poll(): void {
    this.changed(this.#watchers.keys());
  }

  /** Sends all watchers away, and takes no more. */
  stop(): void {
    this.#isStopped = true;
    for (const waiters of this.#watchers.values()) {
      waiters.forEach((waiter) => waiter.sendAway());
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking) {
      return;
    }
    this.#isLooking = true;
    while (this.#changed.size > 0) {
      const sagaIds = [...this.#changed].slice(0, sagasPerLook);
      sagaIds.forEach((sagaId) => this.#changed.delete(sagaId));
      try {
        const found = new Map(
          (await this.#options.findSagas(sagaIds)).map((facts) => [facts.id, facts]),
        );
        for (const sagaId of sagaIds) {
          this.#watchers.get(sagaId)?.forEach((waiter) => waiter.tell(found.get(sagaId)));
        }
      } catch (error) {
        this.#changed.clear();
        this.#options.onTrouble(error);
      }
    }
    this.#isLooking = false;
  }

  #forget(sagaId: string, waiter: Waiter): void {
    const watchers = this.#watchers.get(sagaId);
    if (watchers?.delete(waiter) === true) {
      this.#count--;
      if (watchers.size === 0) {
        this.#watchers.delete(sagaId);
      }
    }
  }
}

const sagasPerLook = 500;

/** Holds the newest facts until they are asked for. */
class Waiter {
  #newest: SagaFacts | undefined;
  #isRemoved = false;
  #isSentAway = false;
  #wake: (() => void) | undefined;

  tell(facts: SagaFacts | undefined): void {
    this.#newest = facts ?? this.#newest;
    this.#isRemoved = facts === undefined;
    this.#wake?.();
  }

  sendAway(): void {
    this.#isSentAway = true;
    this.#wake?.();
  }

  async next(signal: AbortSignal): Promise<SagaFacts | undefined> {
    while (this.#newest === undefined && !this.#isRemoved && !signal.aborted) {
      if (this.#isSentAway) {
        throw stopping();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
      await promise;
      signal.removeEventListener("abort", wake);
    }
    const newest = this.#newest;
    this.#newest = undefined;
    return signal.aborted ? undefined : newest;
  }
}

function stopping(): AppError {
  const message = "the service is stopping; watch again";
  return new AppError({ code: "UNAVAILABLE", message, retryAfterMs: 1000 });
}

function tooManyWatchers(maxWatchers: number): AppError {
  return new AppError({
    code: "RESOURCE_EXHAUSTED",
    message: `${maxWatchers} orders are being watched already`,
    reason: "TOO_MANY_WATCHERS",
    retryAfterMs: 1000,
  });
}
