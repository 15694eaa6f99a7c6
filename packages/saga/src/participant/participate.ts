import type { SagaDefinition } from "../definition/definition.ts";
import type { HandlersOf, OwnersOf, Participant } from "./participant.ts";

/** Derives from the definition what an owner reacts to, and how it answers. */
export function participate<D extends SagaDefinition, const O extends OwnersOf<D>>(
  definition: D,
  owner: O,
  handlers: HandlersOf<D, O>,
): Participant<D, O> {
  throw new Error(`not built yet: ${definition.name} ${owner} ${Object.keys(handlers).join()}`);
}
