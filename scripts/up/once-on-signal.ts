/** An action that runs once. */
export type Once = {
  /** Resolves when it has run. */
  readonly happened: Promise<void>;
  /** Runs it, unless it runs already. */
  readonly now: () => Promise<void>;
};

/**
 * Runs an action at the first SIGINT or SIGTERM, or when told, and ends the process after a signal. A
 * second signal more than a second later ends the process at once (npm passes the first one on twice).
 */
export function onceOnSignal(action: () => Promise<void>): Once {
  const { promise, resolve } = Promise.withResolvers<void>();
  let running: { readonly done: Promise<void>; readonly since: number } | undefined;
  const now = async (): Promise<void> => {
    running ??= { done: action().finally(resolve), since: performance.now() };
    await running.done;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (running !== undefined && performance.now() - running.since > 1000) {
        process.exit(130);
      }
      void now().finally(() => process.exit(0));
    });
  }
  return { happened: promise, now };
}
