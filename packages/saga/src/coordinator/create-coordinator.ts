import { type Clock, hexOfUuid, PermanentError } from "@ordersaga/kernel";
import type { IncomingEvent, Reaction, UnitOfWork } from "@ordersaga/outbox";

import type { SagaDefinition } from "../definition/definition.ts";
import { planOf } from "../definition/plan.ts";
import { type Versions, versionsOf } from "../definition/versions.ts";
import { transition } from "../transition/transition.ts";
import { abortSagas } from "./abort.ts";
import { beginSagas } from "./begin.ts";
import { changeListeners } from "./change-listeners.ts";
import type { Coordinator, CoordinatorOptions } from "./coordinator.ts";
import { type SagaKey, sagaSetOf } from "./saga-set.ts";
import { loadSagas } from "./saga-store.ts";
import { saySagasAgain } from "./say-again.ts";
import { scanOnce } from "./scan.ts";
import { startScanner } from "./scanner.ts";

/** Makes the coordinator of one saga, whose table must be in the database of the units of work. */
export function createCoordinator<D extends SagaDefinition>(
  options: CoordinatorOptions<D>,
): Coordinator<NonNullable<D["~types"]>["begun"]> {
  const { unitsOfWork, clock, rng, log, scanBatch = 500, scanEveryMs = 1000 } = options;
  const limited = options.definitions.map((each) => limitedBy(each, options.limits));
  const versions = versionsOf(limited);
  const definition = versions.at(options.definitions[0].version);
  const listeners = changeListeners(log);
  const notify = (uow: UnitOfWork, changed: readonly string[]) => {
    if (changed.length > 0) {
      uow.afterCommit(() => listeners.notify(changed));
    }
  };
  const scan = () =>
    unitsOfWork.run(async (uow) => {
      const scanned = await scanOnce(uow, { versions, clock, rng, limit: scanBatch, log });
      notify(uow, scanned.changed);
      return scanned.claimed;
    });
  return {
    reactions: reactionsTo(versions, async (uow, events) => {
      notify(uow, await hearAll(uow, events, { versions, clock }));
    }),
    begin: async (uow, begun) =>
      notify(uow, await beginSagas(uow, begun, { definition, clock, rng })),
    abort: async (uow, requests) => {
      const { results, changed } = await abortSagas(uow, requests, { versions, clock });
      notify(uow, changed);
      return results;
    },
    sayAgain: (uow, requests) => saySagasAgain(uow, requests, { versions, clock, rng }),
    onChange: listeners.add,
    scan,
    startScanner: () =>
      startScanner({
        scan: async () => (await scan()) === scanBatch,
        everyMs: scanEveryMs,
        onError: (error) => log.error({ err: error }, "looking for sagas that are due has failed"),
      }),
  };
}

function limitedBy(definition: SagaDefinition, limits: SagaDefinition["limits"] | undefined) {
  return limits === undefined ? definition : { ...definition, limits };
}

/** One reaction to every type of outcome that any version knows. */
function reactionsTo(versions: Versions, handle: Reaction["handle"]): Reaction[] {
  const outcomes = versions.all.flatMap((version) => planOf(version).outcomes);
  const types = new Set(outcomes.map(({ type }) => type));
  return [...types].map((type) => ({ type, handle }));
}

/** Applies outcomes in the order they came: one load, one save. Sagas that are gone are passed over. */
async function hearAll(
  uow: UnitOfWork,
  events: readonly IncomingEvent[],
  { versions, clock }: { readonly versions: Versions; readonly clock: Clock },
): Promise<readonly string[]> {
  const keys = events.map(keyOf);
  const ids = [...new Set(keys.map(({ sagaId }) => sagaId))];
  const sagas = sagaSetOf({ uow, versions, loaded: await loadSagas(uow, versions, ids) });
  // Read when the rows are locked: a history goes on in the order of its times.
  const at = clock.now();
  for (const [index, { payload: event, context }] of events.entries()) {
    sagas.change(keys[index] ?? context, (definition, saga) =>
      transition(definition, saga, { kind: "outcome", event, state: context.state, at }),
    );
  }
  return await sagas.save();
}

function keyOf({ id, context }: IncomingEvent): SagaKey {
  const sagaId = hexOfUuid(context.sagaId);
  if (sagaId === undefined) {
    const message = `the event ${id} belongs to no saga`;
    throw new PermanentError({ code: "UNDECODABLE", message });
  }
  return { sagaId, sessionId: context.sessionId };
}
