import { TransientError } from "@ordersaga/kernel";

import type { LedgerOperation, LedgerResult } from "../domain/ledger-operation.ts";

export type LedgerQueueOptions = {
  /** Commits operations with distinct keys and returns their results in the same order. */
  readonly write: (operations: readonly LedgerOperation[]) => Promise<readonly LedgerResult[]>;
  readonly maxBatch: number;
  readonly maxBatchesInFlight: number;
};

/**
 * Group commit for the ledger: operations that come while others are being written wait and are then
 * written together, by one statement and one commit. Operations on one key are written in the order in
 * which they came: the later one waits until the earlier one is durable. How many may wait is for the
 * caller to bound.
 */
export class LedgerQueue {
  readonly #options: LedgerQueueOptions;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  /** Keys of the batches in flight. */
  readonly #busy = new Set<string>();
  #isStopped = false;
  readonly #onIdle: (() => void)[] = [];

  constructor(options: LedgerQueueOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the results, in the order of the operations, when all are durable. Rejects when one
   * could not be written (the others may have been), and after {@link stop}.
   */
  submit(operations: readonly LedgerOperation[]): Promise<readonly LedgerResult[]> {
    if (this.#isStopped) {
      return Promise.reject(new TransientError("the provider is stopping"));
    }
    const results = Promise.all(
      operations.map(
        (operation) =>
          new Promise<LedgerResult>((resolve, reject) => {
            this.#waiting.push({ operation, resolve, reject });
          }),
      ),
    );
    // Calls that arrived in the same turn of the event loop are gathered.
    queueMicrotask(() => this.#pump());
    return results;
  }

  /** Takes no more and resolves when all that was taken is written. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#inFlight > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  #pump(): void {
    while (this.#inFlight < this.#options.maxBatchesInFlight) {
      const batch = this.#takeBatch();
      if (batch.length === 0) {
        return;
      }
      this.#inFlight++;
      void this.#write(batch);
    }
  }

  #takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    // What waits behind an operation on its key is left, even if that one is left itself.
    const passed = new Set<string>();
    for (const waiting of this.#waiting) {
      const { key } = waiting.operation;
      const isFree = !this.#busy.has(key) && !passed.has(key);
      if (isFree && batch.length < this.#options.maxBatch) {
        batch.push(waiting);
      } else {
        left.push(waiting);
      }
      passed.add(key);
    }
    this.#waiting = left;
    for (const { operation } of batch) {
      this.#busy.add(operation.key);
    }
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#options.write(batch.map(({ operation }) => operation));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result === undefined) {
          reject(new Error("the ledger returned no row for a key that it wrote"));
        } else {
          resolve(result);
        }
      }
    } catch (error) {
      for (const { reject } of batch) {
        reject(error);
      }
    }
    this.#inFlight--;
    for (const { operation } of batch) {
      this.#busy.delete(operation.key);
    }
    this.#pump();
    if (this.#inFlight === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}

type Waiting = {
  readonly operation: LedgerOperation;
  readonly resolve: (result: LedgerResult) => void;
  readonly reject: (reason: unknown) => void;
};
