import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import { type AppError, appErrorFrom, failpoint, retryDelayMs } from "@ordersaga/kernel";
import type { Delivery, MessageBus, Subscription } from "@ordersaga/messaging";
import type { Logger } from "@ordersaga/telemetry";

import type { Database } from "../database/database.ts";
import { databaseErrorFrom, troubleOf } from "../database/database-error.ts";
import type { OutboxMetrics } from "../metrics.ts";
import type { OutboxLimits } from "../settings.ts";
import { streamOf } from "../subject.ts";
import { clearAttempts, countAttempts, idsOf, suspectsApart } from "./attempts.ts";
import { decodeDelivery, type IncomingEnvelope } from "./decode-delivery.ts";
import { type Batch, createDeliveryQueue, type DeliveryQueue } from "./delivery-queue.ts";
import { type BatchOptions, type BatchResult, holdAll, runSet, runSplit } from "./run-batch.ts";

export type ConsumerOptions = BatchOptions & {
  readonly subject: string;
  readonly database: Database;
  readonly bus: MessageBus;
  readonly log: Logger;
  readonly limits: OutboxLimits;
  readonly metrics: OutboxMetrics;
  /** Held messages are waiting that were not there before. */
  readonly onHeld: () => void;
};

/** A set that fails is taken apart, in two steps: one event that hangs must not hold up the others. */
const nextMode = { set: "split", split: "held", held: "held" } as const;

/**
 * Runs one reaction: takes what waits on its subject as sets, one set at a time and in order, and
 * acknowledges after the commit.
 */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #queue: DeliveryQueue;
  readonly #stopping = new AbortController();
  #subscription: Subscription | undefined;
  #running: Promise<void> | undefined;
  /** Deliveries that are not answered yet. */
  readonly #open = new Set<Delivery>();
  #keepAlive: NodeJS.Timeout | undefined;
  #failures = 0;
  #carefulUntilMs = 0;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    const receiver = { consumer: options.consumer, type: options.reaction.type };
    this.#queue = createDeliveryQueue({
      setEvents: options.limits.setEvents,
      decode: (delivery) => decodeDelivery(receiver, delivery),
    });
  }

  async start(): Promise<void> {
    const { bus, consumer, subject, limits } = this.#options;
    // Whatever killed the process before this one comes again in this time.
    this.#carefulUntilMs = this.#nowMs() + 3 * limits.ackWaitMs;
    this.#subscription = await bus.subscribe(
      {
        stream: streamOf(subject),
        durable: consumer,
        subject,
        ackWaitMs: limits.ackWaitMs,
        maxAckPending: limits.maxAckPending,
      },
      (delivery) => this.#receive(delivery),
    );
    this.#keepAlive = setInterval(() => this.#tellWorking(), Math.ceil(limits.ackWaitMs / 3));
  }

  /** Finishes the set under way, gives back what waits. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription?.stop();
    await this.#running;
    clearInterval(this.#keepAlive);
    for (const delivery of this.#queue.takeAll()) {
      this.#open.delete(delivery);
      delivery.nak(0);
    }
  }

  #receive(delivery: Delivery): void {
    this.#open.add(delivery);
    this.#queue.add(delivery);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { limits, log, consumer } = this.#options;
    try {
      while (!this.#stopping.signal.aborted && !this.#queue.isEmpty()) {
        // Whatever has arrived together is handled together.
        await (limits.lingerMs > 0 ? sleep(limits.lingerMs) : nextTurn());
        const batch = this.#queue.take();
        if (batch !== undefined) {
          await (this.#needsCare(batch) ? this.#handleWithCare(batch) : this.#handle(batch));
        }
      }
    } catch (error) {
      // Unanswered deliveries come again after the acknowledgement wait.
      log.error({ err: error, consumer }, "a consumer stumbled");
    } finally {
      this.#running = undefined;
    }
  }

  /** A message may kill the process only if it was delivered before, or this process is a new one. */
  #needsCare({ mode, isSuspect }: Batch): boolean {
    return mode === "set" && (isSuspect || this.#nowMs() < this.#carefulUntilMs);
  }

  /** Counts each try in the database before it begins, and goes on where a dead process ended. */
  async #handleWithCare(batch: Batch): Promise<void> {
    const { database, consumer, limits } = this.#options;
    const attemptsMax = limits.suspectDeliveries;
    let parts: readonly Batch[];
    try {
      parts = await suspectsApart({ database, consumer, batch, attemptsMax });
    } catch (reason) {
      await this.#giveBack(batch, databaseErrorFrom(reason));
      return;
    }
    for (const part of parts) {
      await this.#handle(part, true);
    }
  }

  async #handle(batch: Batch, isCounted = false): Promise<void> {
    const { database, consumer } = this.#options;
    try {
      if (isCounted) {
        await countAttempts(database, consumer, batch);
      }
      const result = await this.#runBatch(batch, isCounted);
      this.#failures = 0;
      failpoint("consumer.after-commit", this.#options.consumer);
      for (const { delivery } of batch.envelopes) {
        delivery.ack();
        this.#open.delete(delivery);
        this.#queue.forget(delivery);
      }
      failpoint("consumer.after-ack", this.#options.consumer);
      this.#report(result);
    } catch (reason) {
      await this.#giveBack(batch, databaseErrorFrom(reason));
      if (isCounted) {
        // This process lives: whatever went wrong was no death.
        await database.query(clearAttempts, [consumer, idsOf(batch)]).catch(() => {});
      }
    }
  }

  async #runBatch({ mode, envelopes }: Batch, isCounted: boolean): Promise<BatchResult> {
    const options = isCounted ? { ...this.#options, isCounted } : this.#options;
    if (mode === "held") {
      return await holdAll(options, envelopes);
    }
    if (mode === "split") {
      return await this.#split(options, envelopes);
    }
    try {
      return await runSet(options, envelopes);
    } catch (reason) {
      const error = databaseErrorFrom(reason);
      if (error.kind === "transient") {
        throw error;
      }
      this.#options.log.warn(
        { err: error, consumer: this.#options.consumer, envelopes: envelopes.length },
        "a set failed and runs event by event",
      );
      return await this.#split(options, envelopes, error);
    }
  }

  async #split(
    options: BatchOptions,
    envelopes: readonly IncomingEnvelope[],
    error?: AppError,
  ): Promise<BatchResult> {
    const count = envelopes.reduce((sum, { events }) => sum + events.length, 0);
    try {
      return await runSplit(options, envelopes, count === 1 ? error : undefined);
    } catch (reason) {
      const failure = databaseErrorFrom(reason);
      if (failure.kind === "transient") {
        throw failure;
      }
      // Each part is good, the whole is not (a deferred constraint, say): nothing but singly is left.
      return await holdAll(options, envelopes);
    }
  }

  /** The set comes again later. While the database is away nothing is asked for at all. */
  async #giveBack(batch: Batch, error: AppError): Promise<void> {
    const { log, limits, rng, consumer } = this.#options;
    const isOutage = troubleOf(error) === "outage";
    const isOverload = error.code === "RESOURCE_EXHAUSTED";
    this.#failures += 1;
    const delayMs = retryDelayMs({ policy: limits.nak, attempt: this.#failures, rng });
    log.warn(
      { err: error, consumer, envelopes: batch.envelopes.length, delayMs },
      "a set failed as a whole and comes again",
    );
    const mode = isOutage || isOverload ? batch.mode : nextMode[batch.mode];
    for (const { delivery } of batch.envelopes) {
      this.#open.delete(delivery);
      this.#queue.giveBack(delivery, delayMs, mode);
    }
    if (isOutage) {
      await this.#waitForDatabase(delayMs);
    }
  }

  async #waitForDatabase(delayMs: number): Promise<void> {
    const { database } = this.#options;
    this.#subscription?.pause();
    for (const delivery of this.#queue.takeAll()) {
      this.#open.delete(delivery);
      this.#queue.giveBack(delivery, delayMs, "set");
    }
    try {
      await database.reachable(this.#stopping.signal);
      this.#failures = 0;
    } catch (reason) {
      if (!this.#stopping.signal.aborted) {
        const { log, consumer } = this.#options;
        log.error({ err: appErrorFrom(reason), consumer }, "the database refuses the service");
        await sleep(delayMs);
      }
    }
    this.#subscription?.resume();
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  #tellWorking(): void {
    for (const delivery of this.#open) {
      delivery.working();
    }
  }

  #report({ events, duplicates, held }: BatchResult): void {
    const { log, consumer, metrics, onHeld } = this.#options;
    metrics.duplicates(consumer, duplicates);
    if (log.isLevelEnabled("debug")) {
      log.debug({ consumer, events, duplicates, held: held.length }, "a set is handled");
    }
    for (const { eventId, sagaId, verdict } of held) {
      const facts = { consumer, eventId, sagaId, reason: verdict.reason, error: verdict.error };
      if (verdict.status === "DEAD") {
        metrics.deadLetter(consumer, verdict.reason);
        log.error(facts, "a message became a dead letter");
      } else {
        metrics.held(consumer, verdict.reason);
        log.warn(facts, "a message is held and tried again");
      }
    }
    if (held.length > 0) {
      onHeld();
    }
  }
}
