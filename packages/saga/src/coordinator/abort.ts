import { type Clock, hexOfUuid } from "@ordersaga/kernel";
import type { UnitOfWork } from "@ordersaga/outbox";

import type { Versions } from "../definition/versions.ts";
import { transition } from "../transition/transition.ts";
import type { AbortRequest, AbortResult } from "./coordinator.ts";
import { type Change, sagaSetOf } from "./saga-set.ts";
import { loadSagas } from "./saga-store.ts";

/** Decides against the sagas that are undecided; one load, one save. */
export async function abortSagas(
  uow: UnitOfWork,
  requests: readonly AbortRequest[],
  { versions, clock }: { readonly versions: Versions; readonly clock: Clock },
): Promise<{ readonly results: readonly AbortResult[]; readonly changed: readonly string[] }> {
  const ids = [...new Set(requests.flatMap(({ sagaId }) => hexOfUuid(sagaId) ?? []))];
  const sagas = sagaSetOf({ uow, versions, loaded: await loadSagas(uow, versions, ids) });
  const at = clock.now();
  const results = requests.map((request) => {
    const { sessionId, as, cause } = request;
    const sagaId = hexOfUuid(request.sagaId) ?? request.sagaId;
    const change = sagas.change({ sagaId, sessionId }, (definition, saga) =>
      transition(definition, saga, { kind: "abort", as, cause, at }),
    );
    return resultOf({ sagaId, sessionId }, as, change);
  });
  return { results, changed: await sagas.save() };
}

function resultOf(
  key: Pick<AbortResult, "sagaId" | "sessionId">,
  as: AbortRequest["as"],
  change: Change | undefined,
): AbortResult {
  const decision = change?.after.decision?.as;
  if (change === undefined || decision === undefined) {
    return { ...key, result: "NOT_FOUND" };
  }
  if (change.before.decision === undefined) {
    return { ...key, result: "DECIDED", decision };
  }
  return { ...key, result: decision === as ? "ALREADY" : "OTHERWISE", decision };
}
