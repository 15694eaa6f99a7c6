import { setTimeout as sleep } from "node:timers/promises";

export type WaitForOptions = {
  readonly withinMs: number;
  /** What is waited for, as in "waited 500 ms in vain for the order to be confirmed". */
  readonly describe?: string | (() => string);
  /** Between two looks; 20 unless given. */
  readonly everyMs?: number;
};

/**
 * Waits until the condition gives something other than undefined, null or false, and resolves with it. What
 * it throws counts as "not yet", and is the cause of the error that is thrown when the time is over.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions,
): Promise<Exclude<Awaited<T>, undefined | null | false>> {
  const deadline = performance.now() + options.withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<Awaited<T>, undefined | null | false>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(tooLate(options), { cause });
    }
    await sleep(options.everyMs ?? 20);
  }
}

function tooLate({ withinMs, describe = "a condition" }: WaitForOptions): string {
  const what = typeof describe === "string" ? describe : describe();
  return `waited ${withinMs} ms in vain for ${what}`;
}
