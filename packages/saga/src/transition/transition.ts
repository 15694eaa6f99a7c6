import type { Message } from "@bufbuild/protobuf";

import type { Cause } from "../definition/cause.ts";
import type { SagaDefinition } from "../definition/definition.ts";
import type { AbortedAs } from "../definition/limits.ts";
import { decide, decideByTimeLimit } from "./decide.ts";
import { hear } from "./hear.ts";
import type { Saga, Transition } from "./saga.ts";
import { sayings } from "./sayings.ts";
import { isEnd } from "./insight.ts";

/** What can happen to a saga, and when it did. */
export type SagaInput = { readonly at: Date } & (
  | {
      /** An outcome was heard. The event's own type says of which step. */
      readonly kind: "outcome";
      readonly event: Message;
      /** The encoded state that came with it; empty when none did. */
      readonly state: Uint8Array;
    }
  /** Somebody wants it to end: a user, an administrator, a reset. */
  | { readonly kind: "abort"; readonly as: AbortedAs; readonly cause: Cause }
  /** Its time may be up. */
  | { readonly kind: "time-limit" }
  /** It is to be said again. */
  | { readonly kind: "recovery" }
);

/**
 * What one input makes of a saga; pure. Facts are recorded as they come, the decision is written once,
 * after the end nothing changes, and a duplicate changes nothing. Source: PROTOCOL, "The order". Throws a
 * PermanentError when the event is no outcome of this definition.
 */
export function transition(definition: SagaDefinition, saga: Saga, input: SagaInput): Transition {
  if (isEnd(saga.standing)) {
    return unchanged(saga);
  }
  switch (input.kind) {
    case "outcome":
      return hear(definition, saga, input);
    case "abort":
      return saga.decision === undefined ? decide(definition, saga, input) : unchanged(saga);
    case "time-limit":
      return decideByTimeLimit(definition, saga, input.at) ?? unchanged(saga);
    case "recovery":
      return {
        saga: { ...saga, recoveries: saga.recoveries + 1 },
        effects: sayings(definition, saga),
        history: [],
      };
    default:
      return input satisfies never;
  }
}

function unchanged(saga: Saga): Transition {
  return { saga, effects: [], history: [] };
}
