/**
 * Hands on what a source yields until the signal is aborted; then it throws the signal's reason, even
 * when the source never yields again. The source is told to end in any case.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  let rejectPending: (reason: unknown) => void = ignore;
  const onAbort = (): void => {
    rejectPending(signal.reason);
    // Not awaited: it may wait for something that never comes.
    void iterator.return?.().then(ignore, ignore);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (true) {
      signal.throwIfAborted();
      // A race against one long-lived promise would keep every result alive.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        rejectPending = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    void iterator.return?.().then(ignore, ignore);
  }
}

function ignore(): void {}
