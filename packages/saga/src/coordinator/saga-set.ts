import type { UnitOfWork } from "@ordersaga/outbox";

import type { SagaDefinition } from "../definition/definition.ts";
import type { Versions } from "../definition/versions.ts";
import type { HistoryEntry, Saga, Transition } from "../transition/saga.ts";
import { type Changed, updateSagas } from "./saga-store.ts";
import { messageOf } from "./speak.ts";

/** Which row: a saga belongs to its session, and is not found from another. */
export type SagaKey = { readonly sagaId: string; readonly sessionId: string };

/** What one change made of one saga. */
export type Change = { readonly before: Saga; readonly after: Saga };

/** Makes a transition of a saga; `transition` with its input, mostly. */
export type Move = (definition: SagaDefinition, saga: Saga) => Transition;

/** Sagas whose rows are locked in one unit of work: changed in memory, in order, and saved at once. */
export type SagaSet = {
  /** Undefined when there is no such saga. What the change says is emitted at once. */
  readonly change: (key: SagaKey, move: Move) => Change | undefined;
  /** Writes every changed row in one statement; returns the ids of those whose history has grown. */
  readonly save: () => Promise<readonly string[]>;
};

/** Makes a set of the sagas that were loaded. */
export function sagaSetOf(options: {
  readonly uow: UnitOfWork;
  readonly versions: Versions;
  readonly loaded: readonly Saga[];
}): SagaSet {
  const { uow, versions, loaded } = options;
  const members = new Map(loaded.map((saga) => [keyOf(saga.id, saga.sessionId), memberOf(saga)]));
  return { change, save };

  function change({ sagaId, sessionId }: SagaKey, move: Move): Change | undefined {
    const member = members.get(keyOf(sagaId, sessionId));
    if (member === undefined) {
      return undefined;
    }
    const before = member.saga;
    const definition = versions.at(before.version);
    const { saga, effects, history } = move(definition, before);
    member.saga = saga;
    member.history.push(...history);
    for (const effect of effects) {
      uow.emit(messageOf(definition, saga, effect));
    }
    return { before, after: saga };
  }

  async function save(): Promise<readonly string[]> {
    const changed = [...members.values()].filter(({ saga, before }) => saga !== before);
    if (changed.length > 0) {
      await updateSagas(uow, changed);
    }
    return changed.filter(({ history }) => history.length > 0).map(({ saga }) => saga.id);
  }
}

type Member = Changed & { saga: Saga; readonly history: HistoryEntry[] };

function memberOf(saga: Saga): Member {
  return { before: saga, saga, history: [] };
}

function keyOf(id: string, sessionId: string): string {
  return `${id} ${sessionId}`;
}
