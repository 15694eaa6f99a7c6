import type { Message } from "@bufbuild/protobuf";
import { PermanentError } from "@ordersaga/kernel";
import type { IncomingEvent, Reaction, UnitOfWork } from "@ordersaga/outbox";

import type { SagaDefinition } from "../definition/definition.ts";
import { type Versions, versionsOf } from "../definition/versions.ts";
import { answerWith } from "./answer.ts";
import type { HandlersOf, OwnersOf, Participant, StepRequest } from "./participant.ts";
import { type Trigger, triggersOf } from "./triggers.ts";

/**
 * Derives from the definition what an owner reacts to, and how it answers. A message of a saga in the
 * other mode is ignored; one of an unknown version of the definition, or of no saga at all, is a
 * PermanentError. `olderVersions` are those that sagas may still be running on.
 */
export function participate<D extends SagaDefinition, const O extends OwnersOf<D>>(
  definition: D,
  owner: O,
  handlers: HandlersOf<D, O>,
  olderVersions: readonly SagaDefinition[] = [],
): Participant<D, O> {
  const versions = versionsOf([definition, ...olderVersions]);
  // The compiler has compared the handlers with the definition; from here on steps are data.
  const byStep = handlers as Readonly<Record<string, StepHandlers>>;
  const bound = versions.all.flatMap((each) =>
    triggersOf(each, owner).map((trigger) => bind(each.version, trigger, byStep)),
  );
  const byType = Map.groupBy(bound, ({ trigger }) => trigger.on);
  return {
    reactions: [...byType].map(([type, same]) => ({ type, ...reactionOf(versions, same) })),
    answer: (uow, answer) => uow.emit(answerWith(versions, answer)),
  };
}

type StepHandlers = Readonly<
  Record<"do" | "undo", (uow: UnitOfWork, requests: readonly StepRequest[]) => Promise<void>>
>;

/** A reason to act, together with what is done about it. */
type Bound = {
  readonly trigger: Trigger;
  readonly handle: (uow: UnitOfWork, events: readonly IncomingEvent[]) => Promise<void>;
};

function bind(
  version: number,
  trigger: Trigger,
  handlers: Readonly<Record<string, StepHandlers>>,
): Bound {
  const handler = handlers[trigger.step.name]?.[trigger.act];
  if (handler === undefined) {
    throw new Error(`the step ${trigger.step.name} has no handler to ${trigger.act} it`);
  }
  return {
    trigger,
    handle: async (uow, events) => {
      const meant = events.filter(
        ({ context }) =>
          context.coordination === trigger.coordination && context.definitionVersion === version,
      );
      if (meant.length > 0) {
        await handler(
          uow,
          meant.map((event) => requestOf(trigger, event)),
        );
      }
    },
  };
}

function reactionOf(versions: Versions, same: readonly Bound[]): Omit<Reaction, "type"> {
  return {
    isUnlimited: same.some(({ trigger }) => trigger.isUnlimited),
    handle: async (uow, events) => {
      events.forEach((event) => assertOfSaga(versions, event));
      for (const { handle } of same) {
        await handle(uow, events);
      }
    },
  };
}

/** An event of no saga has no record that it could be about: trying it again would not help. */
function assertOfSaga(versions: Versions, { id, context }: IncomingEvent): void {
  versions.at(context.definitionVersion);
  if (context.sagaId === "" || context.sessionId === "") {
    const message = `the event ${id} belongs to no saga of any session`;
    throw new PermanentError({ code: "UNDECODABLE", message });
  }
}

function requestOf(
  trigger: Trigger,
  { payload, context, attempt }: IncomingEvent,
): StepRequest<Message> {
  const { request, state } = trigger.read({ payload, state: context.state });
  return { request, context: { ...context, state }, attempt };
}
