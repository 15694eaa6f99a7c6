export type SetQueueOptions<T> = {
  /** Works on one set. It must not throw. */
  readonly run: (items: readonly T[]) => Promise<void>;
  /** Items in one set at most. */
  readonly maxItems: number;
  /** Sets that are worked on at once. */
  readonly maxRunning: number;
};

/**
 * Gathers items and works on them in sets, a bounded number at once. While all are busy the queue grows,
 * and with it the next set, so that sets find their size by themselves.
 */
export class SetQueue<T> {
  readonly #options: SetQueueOptions<T>;
  #waiting: T[] = [];
  #running = 0;
  readonly #onIdle: (() => void)[] = [];

  constructor(options: SetQueueOptions<T>) {
    this.#options = options;
  }

  push(items: readonly T[]): void {
    this.#waiting.push(...items);
    // What comes in the same turn of the event loop goes into one set.
    queueMicrotask(() => this.#pump());
  }

  /** Resolves when nothing waits and nothing is worked on. */
  async whenIdle(): Promise<void> {
    if (this.#running > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  #pump(): void {
    const { maxItems, maxRunning } = this.#options;
    while (this.#running < maxRunning && this.#waiting.length > 0) {
      const isAll = this.#waiting.length <= maxItems;
      const items = isAll ? this.#waiting : this.#waiting.slice(0, maxItems);
      this.#waiting = isAll ? [] : this.#waiting.slice(maxItems);
      this.#running++;
      void this.#run(items);
    }
  }

  async #run(items: readonly T[]): Promise<void> {
    try {
      await this.#options.run(items);
    } finally {
      this.#running--;
      this.#pump();
      if (this.#running === 0 && this.#waiting.length === 0) {
        for (const resolve of this.#onIdle.splice(0)) {
          resolve();
        }
      }
    }
  }
}
