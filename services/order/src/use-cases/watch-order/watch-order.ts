import type { SagaFacts, StandingOrder, StepFacts } from "../../domain/saga-facts.ts";
import type { One, OrderReads } from "../order-reads.ts";
import type { WatchHub } from "./watch-hub.ts";

/** The order as it now stands, with what is new in its history. */
export type OrderChange = StandingOrder & { readonly newSteps: readonly StepFacts[] };

/**
 * The order as it stands, then every change until its saga has ended or nobody listens any more. Yields
 * nothing when there is no such order. Throws `TOO_MANY_WATCHERS`.
 */
export async function* watchOrder(
  dependencies: { readonly reads: Pick<OrderReads, "findOrder">; readonly hub: WatchHub },
  one: One & { readonly signal: AbortSignal },
): AsyncGenerator<OrderChange, void> {
  const { reads, hub } = dependencies;
  using watcher = hub.watch(one.id);
  const found = await reads.findOrder(one);
  if (found === undefined) {
    return;
  }
  const { order } = found;
  yield { order, saga: found.saga, newSteps: found.saga.history };
  let last = found.saga;
  while (last.endedAt === undefined) {
    const saga = await watcher.next(one.signal);
    if (saga === undefined) {
      return;
    }
    if (isNewer(saga, last)) {
      yield { order, saga, newSteps: saga.history.slice(last.history.length) };
      last = saga;
    }
  }
}

function isNewer(saga: SagaFacts, last: SagaFacts): boolean {
  return (
    saga.history.length > last.history.length ||
    saga.status !== last.status ||
    saga.progress !== last.progress ||
    (saga.endedAt !== undefined && last.endedAt === undefined)
  );
}
