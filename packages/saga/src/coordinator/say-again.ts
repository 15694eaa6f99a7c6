import { type Clock, hexOfUuid, type Rng } from "@ordersaga/kernel";
import type { UnitOfWork } from "@ordersaga/outbox";

import type { Versions } from "../definition/versions.ts";
import { isEnd } from "../transition/insight.ts";
import { transition } from "../transition/transition.ts";
import type { SayAgainRequest, SayAgainResult } from "./coordinator.ts";
import { nextDueAt } from "./due.ts";
import { sagaSetOf } from "./saga-set.ts";
import { loadSagas } from "./saga-store.ts";

/** Says again what unfinished sagas are waiting for, as recovery would, but now; one load, one save. */
export async function saySagasAgain(
  uow: UnitOfWork,
  requests: readonly SayAgainRequest[],
  means: { readonly versions: Versions; readonly clock: Clock; readonly rng: Rng },
): Promise<readonly SayAgainResult[]> {
  const { versions, clock, rng } = means;
  const keys = requests.map(({ sagaId, sessionId }) => ({
    sagaId: hexOfUuid(sagaId) ?? sagaId,
    sessionId,
  }));
  const ids = [...new Set(requests.flatMap(({ sagaId }) => hexOfUuid(sagaId) ?? []))];
  const sagas = sagaSetOf({ uow, versions, loaded: await loadSagas(uow, versions, ids) });
  const at = clock.now();
  const results = keys.map((key): SayAgainResult => {
    const change = sagas.change(key, (definition, saga) => {
      const made = transition(definition, saga, { kind: "recovery", at });
      return made.saga === saga
        ? made
        : { ...made, saga: { ...made.saga, dueAt: nextDueAt({ ...definition, saga, at, rng }) } };
    });
    if (change === undefined) {
      return { ...key, result: "NOT_FOUND" };
    }
    return { ...key, result: isEnd(change.before.standing) ? "ENDED" : "SAID" };
  });
  await sagas.save();
  return results;
}
