import { create, type DescMessage } from "@bufbuild/protobuf";
import { AppError, type Clock, hexOfUuid, type Rng } from "@ordersaga/kernel";
import type { UnitOfWork } from "@ordersaga/outbox";

import { encodeState } from "../definition/carried-state.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import { beginSaga } from "../transition/begin-saga.ts";
import type { Begin } from "./coordinator.ts";
import { nextDueAt } from "./due.ts";
import { insertSagas } from "./saga-store.ts";
import { contextOf, messageOf } from "./speak.ts";

/** Writes the rows of new sagas and says what begins them. */
export async function beginSagas<B extends DescMessage>(
  uow: UnitOfWork,
  begun: readonly Begin<B>[],
  means: { readonly definition: SagaDefinition; readonly clock: Clock; readonly rng: Rng },
): Promise<readonly string[]> {
  const { definition, clock, rng } = means;
  const { event, state: stateOf } = definition.announces.begun;
  const at = clock.now();
  const limits = definition.limits;
  const deadlineAt = new Date(at.getTime() + limits.undecided.withinMs);
  const written = begun.map(({ sagaId, data, sessionId, coordination, traceparent }) => {
    const payload = create(event, data);
    const state = encodeState(definition, stateOf(payload));
    const dueAt = nextDueAt({ limits, saga: { updatedAt: at, deadlineAt }, at, rng });
    const id = idOf(sagaId);
    const facts = { id, sessionId, coordination, traceparent, state, at, dueAt };
    const made = beginSaga(definition, facts);
    for (const effect of made.effects) {
      const isBegun = effect.kind === "announce" && effect.what === "begun";
      uow.emit(
        isBegun
          ? { type: event, payload, context: contextOf(made.saga) }
          : messageOf(definition, made.saga, effect),
      );
    }
    return made;
  });
  const [first, ...rest] = written;
  if (first !== undefined) {
    await insertSagas(uow, [first, ...rest]);
  }
  return written.map(({ saga }) => saga.id);
}

function idOf(sagaId: string): string {
  const id = hexOfUuid(sagaId);
  if (id === undefined) {
    throw new AppError({ code: "INTERNAL", message: `"${sagaId}" is not a UUID` });
  }
  return id;
}
