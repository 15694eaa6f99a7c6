import { type AppError, appErrorFrom, failpoint } from "@ordersaga/kernel";
import type { Logger } from "@ordersaga/telemetry";

import type { PaymentKey } from "../domain/decide-set.ts";
import type { ProviderAnswer } from "../domain/payment.ts";
import { type OpenCall, providerKeyOf } from "../domain/provider-call.ts";
import type { Outage } from "./outage.ts";
import { SetQueue } from "./set-queue.ts";

/** What the provider says about one key. */
export type ProviderReply = { readonly key: string; readonly answer: ProviderAnswer };

/**
 * Asks the provider a set of calls with distinct keys. Yields replies as they come; those that do not come
 * are left out. Throws when the provider cannot be reached, or takes too long.
 */
export type Converse = (
  calls: readonly OpenCall[],
  signal: AbortSignal,
) => AsyncIterable<readonly ProviderReply[]>;

/** An answer of the provider, on its way to the payment that asked. */
export type AnsweredCall = PaymentKey & { readonly heard: ProviderAnswer };

export type ProviderCallerOptions = {
  readonly converse: Converse;
  /** Records a set of answers; a set that cannot be recorded is asked for again later. */
  readonly record: (answers: readonly AnsweredCall[]) => Promise<void>;
  /** Puts off calls that were not answered. */
  readonly postpone: (calls: readonly OpenCall[], options: Postponement) => Promise<void>;
  readonly outage: Outage;
  readonly limits: CallerLimits;
  readonly log: Logger;
};

export type Postponement = {
  /** When the provider is expected back; undefined when it was there and did not answer. */
  readonly until: Date | undefined;
};

export type CallerLimits = {
  /** Calls in one conversation at most. */
  readonly maxCalls: number;
  /** Conversations that wait for their first reply at once. */
  readonly maxConversations: number;
  /** Calls in memory at most; more are left to the scanner. */
  readonly maxOpen: number;
};

/**
 * Asks the provider in sets. Nothing here needs to survive a crash: every call stands for a row, and the
 * scanner repeats the call of each row that hears no answer. A conversation in which a few calls take long
 * does not keep others from starting.
 */
export class ProviderCaller {
  readonly #options: ProviderCallerOptions;
  readonly #calls: SetQueue<OpenCall>;
  readonly #answers: SetQueue<AnsweredCall>;
  readonly #open = new Set<string>();
  readonly #conversations = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: ProviderCallerOptions) {
    this.#options = options;
    const { maxCalls, maxConversations } = options.limits;
    this.#calls = new SetQueue({
      run: (calls) => this.#begin(calls),
      maxItems: maxCalls,
      maxRunning: maxConversations,
    });
    this.#answers = new SetQueue({
      run: (answers) => this.#record(answers),
      maxItems: maxCalls,
      maxRunning: 2,
    });
  }

  /** Asks soon. The same call is not asked twice at once; what finds no room is left to the scanner. */
  readonly ask = (calls: readonly OpenCall[]): void => {
    const room = this.#options.limits.maxOpen - this.#open.size;
    if (this.#stopping.signal.aborted || room <= 0) {
      return;
    }
    const news = calls.filter((call) => !this.#open.has(nameOf(call))).slice(0, room);
    for (const call of news) {
      this.#open.add(nameOf(call));
    }
    this.#calls.push(news);
  };

  /** When it is worth asking again; undefined when it is worth it now. */
  readonly awayUntil = (): Date | undefined => this.#options.outage.until();

  /** Gives up what is under way, records what was heard, and asks no more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#calls.whenIdle();
    await Promise.all(this.#conversations);
    await this.#answers.whenIdle();
  }

  /** Resolves with the first reply, so that the next conversation may begin. */
  #begin(calls: readonly OpenCall[]): Promise<void> {
    const distinct = new Map<string, OpenCall>();
    for (const call of calls.toSorted(cancelsLast)) {
      distinct.set(providerKeyOf(call), call);
    }
    const first = Promise.withResolvers<void>();
    const conversation = this.#converse([...distinct.values()], first.resolve).finally(() => {
      first.resolve();
      this.#conversations.delete(conversation);
    });
    this.#conversations.add(conversation);
    // Of a charge and a cancel of one key, the charge is obsolete.
    for (const call of calls) {
      if (distinct.get(providerKeyOf(call)) !== call) {
        this.#open.delete(nameOf(call));
      }
    }
    return first.promise;
  }

  async #converse(calls: readonly OpenCall[], onFirstReply?: () => void): Promise<void> {
    const { outage, converse } = this.#options;
    const { signal } = this.#stopping;
    const away = outage.until();
    if (signal.aborted || away !== undefined) {
      await this.#giveUp(calls, { until: away });
      return;
    }
    const unanswered = new Map(calls.map((call) => [providerKeyOf(call), call]));
    try {
      failpoint("payment.before-call", calls[0]?.call);
      for await (const replies of converse(calls, signal)) {
        failpoint("payment.after-call", calls[0]?.call);
        outage.isOver();
        onFirstReply?.();
        this.#take(replies, unanswered);
      }
      outage.isOver();
      await this.#giveUp([...unanswered.values()], { until: undefined });
    } catch (error) {
      await this.#afterFailure([...unanswered.values()], appErrorFrom(error));
    }
  }

  #take(replies: readonly ProviderReply[], unanswered: Map<string, OpenCall>): void {
    const answers: AnsweredCall[] = [];
    for (const { key, answer } of replies) {
      const call = unanswered.get(key);
      if (call !== undefined) {
        unanswered.delete(key);
        this.#open.delete(nameOf(call));
        answers.push({ sagaId: call.sagaId, sessionId: call.sessionId, heard: answer });
      }
    }
    this.#answers.push(answers);
  }

  async #afterFailure(calls: readonly OpenCall[], error: AppError): Promise<void> {
    const { outage, log } = this.#options;
    if (error.code === "INVALID_ARGUMENT" && calls.length > 1) {
      // One of them is not to the provider's liking: the others shall not suffer for it.
      const half = Math.ceil(calls.length / 2);
      await Promise.all([this.#converse(calls.slice(0, half)), this.#converse(calls.slice(half))]);
      return;
    }
    if (this.#stopping.signal.aborted) {
      await this.#giveUp(calls, { until: undefined });
      return;
    }
    const isAnswer = error.code === "DEADLINE_EXCEEDED" || error.code === "INVALID_ARGUMENT";
    const until = isAnswer ? undefined : outage.begins();
    log[error.code === "INVALID_ARGUMENT" ? "error" : "warn"](
      { err: error, calls: calls.length, until },
      "the payment provider did not answer",
    );
    await this.#giveUp(calls, { until });
  }

  /** Leaves calls to the scanner. When the service stops, the next one to start finds them. */
  async #giveUp(calls: readonly OpenCall[], postponement: Postponement): Promise<void> {
    const { postpone, log } = this.#options;
    for (const call of calls) {
      this.#open.delete(nameOf(call));
    }
    if (calls.length === 0 || this.#stopping.signal.aborted) {
      return;
    }
    try {
      await postpone(calls, postponement);
    } catch (error) {
      log.warn({ err: error, calls: calls.length }, "calls could not be postponed");
    }
  }

  async #record(answers: readonly AnsweredCall[]): Promise<void> {
    const { record, log } = this.#options;
    try {
      await record(answers);
    } catch (error) {
      log.warn({ err: error, answers: answers.length }, "answers could not be recorded");
    }
  }
}

function cancelsLast(a: OpenCall, b: OpenCall): number {
  return Number(a.call === "cancel") - Number(b.call === "cancel");
}

function nameOf(call: OpenCall): string {
  return `${call.call} ${call.sessionId} ${call.sagaId}`;
}
