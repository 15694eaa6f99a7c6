import type { UnitsOfWork } from "@ordersaga/outbox";
import type { Coordinator } from "@ordersaga/saga";

/**
 * Removes the orders that a session had at the moment of the call. What is unfinished is aborted, and its
 * undoing is waited for; what has not ended in time, or when the caller leaves, stays and can be removed
 * by another call.
 */
export type ResetOrders = (call: {
  readonly sessionId: string;
  readonly signal: AbortSignal;
}) => Promise<{ readonly aborted: number; readonly removed: number }>;

/** The session's orders as far as a reset is concerned; all about those begun up to `until`. */
export type ResettableOrders = {
  /** Unfinished sagas by id, those behind `after`. */
  readonly unfinished: (page: OfSession & { readonly after: string }) => Promise<readonly string[]>;
  /** Removes some that have ended, with their keys; returns how many, 0 when none is left. */
  readonly removeEnded: (orders: OfSession) => Promise<number>;
};

type OfSession = { readonly sessionId: string; readonly until: Date };

export type ResetDependencies = {
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Pick<Coordinator, "abort">;
  readonly orders: ResettableOrders;
  readonly now: () => Date;
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** How long unfinished sagas are waited for. */
  readonly waitMs: number;
};

export function createResetOrders(dependencies: ResetDependencies): ResetOrders {
  return async ({ sessionId, signal }) => {
    const of = { sessionId, until: dependencies.now() };
    const aborted = await abortUnfinished(dependencies, of, signal);
    await untilEnded(dependencies, of, signal);
    let removed = 0;
    while (!signal.aborted) {
      const count = await dependencies.orders.removeEnded(of);
      removed += count;
      if (count === 0) {
        break;
      }
    }
    return { aborted, removed };
  };
}

async function abortUnfinished(
  { unitsOfWork, coordinator, orders }: ResetDependencies,
  of: OfSession,
  signal: AbortSignal,
): Promise<number> {
  let aborted = 0;
  let after = smallestId;
  while (!signal.aborted) {
    const page = await orders.unfinished({ ...of, after });
    const last = page.at(-1);
    if (last === undefined) {
      break;
    }
    after = last;
    const { sessionId } = of;
    const requests = page.map((sagaId) => ({ sagaId, sessionId, as: "CANCELLED", cause }) as const);
    const results = await unitsOfWork.run((uow) => coordinator.abort(uow, requests));
    aborted += results.filter(({ result }) => result === "DECIDED").length;
  }
  return aborted;
}

async function untilEnded(
  { orders, now, pause, waitMs }: ResetDependencies,
  of: OfSession,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = of.until.getTime() + waitMs;
  while (!signal.aborted && now().getTime() < giveUpAt) {
    const page = await orders.unfinished({ ...of, after: smallestId });
    if (page.length === 0) {
      return;
    }
    await pause(lookEveryMs, signal);
  }
}

const lookEveryMs = 50;
const smallestId = "00000000-0000-0000-0000-000000000000";
const cause = { code: "RESET", message: "The session was reset." };
