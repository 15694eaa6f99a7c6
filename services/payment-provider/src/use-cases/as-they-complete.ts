/**
 * Yields the values of the promises in the order in which they resolve, and throws the first error. The
 * promises are watched from the call on, so none is left unhandled when the caller stops listening.
 */
export function asTheyComplete<T>(promises: readonly Promise<T>[]): AsyncIterable<T> {
  const completions = promises.map(() => Promise.withResolvers<T>());
  let completed = 0;
  for (const promise of promises) {
    promise.then(
      (value) => completions[completed++]?.resolve(value),
      (error: unknown) => completions[completed++]?.reject(error),
    );
  }
  for (const { promise } of completions) {
    promise.catch(() => undefined);
  }
  return (async function* () {
    for (const { promise } of completions) {
      yield await promise;
    }
  })();
}
