import type { EventContext, UnitOfWork } from "@ordersaga/outbox";

import type { Participant, StepRequest } from "../participant/participant.ts";
import { participate } from "../participant/participate.ts";
import { alphabet, stepOf } from "./alphabet.ts";

/** Where a letter's record of one saga stands. Source: PROTOCOL, "Inventory (and every later step)". */
export type LetterState = "done" | "refused" | "undone" | "finished";

/** The owner of one letter: it does, undoes or finishes, and answers with the state that it is in. */
export type LetterService = {
  readonly participant: Participant;
  readonly states: ReadonlyMap<string, LetterState>;
};

/** Makes the owner of a letter; it refuses the sagas it is told to refuse. */
export function letterService(letter: string, refuses: (sagaId: string) => boolean): LetterService {
  const states = new Map<string, LetterState>();
  const isRetriable = letter > "M";
  const handlers = {
    [stepOf(letter)]: {
      do: handle((id) => (isRetriable ? "finished" : refuses(id) ? "refused" : "done")),
      undo: handle((_id, before) =>
        before === undefined || before === "done" ? "undone" : before,
      ),
    },
  };
  const participant = participate(alphabet, letter, handlers);
  return { participant, states };

  function handle(next: (sagaId: string, before: LetterState | undefined) => LetterState) {
    return async (uow: UnitOfWork, requests: readonly StepRequest[]): Promise<void> => {
      for (const { request, context } of requests) {
        const isUndo = "cause" in (request as object);
        const before = states.get(context.sagaId);
        const after = before === undefined || isUndo ? next(context.sagaId, before) : before;
        states.set(context.sagaId, after);
        answer(uow, context, after);
      }
    };
  }

  function answer(uow: UnitOfWork, context: EventContext, state: LetterState): void {
    const cause = { code: "UNDONE", message: "" };
    const outcome =
      state === "undone"
        ? { case: "undone", value: { cause } }
        : { case: state === "refused" ? "refused" : "done", value: { text: letter } };
    // The alphabet's messages are described at run time: the compiler does not know their outcomes.
    participant.answer(uow, { step: stepOf(letter), context, outcome } as never);
  }
}
