import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { create } from "@bufbuild/protobuf";
import { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { placeOrder } from "@ordersaga/place-order";
import { beginSaga, isEnd, type Saga, type SagaInput, type Transition } from "@ordersaga/saga";
import { encodeState, messageOf } from "@ordersaga/saga/testing";

import { now, orderCreated, sagaId, sessionId } from "./fixture.ts";
import { createInterner } from "./interner.ts";
import type { MessageBook } from "./message-book.ts";
import { type Outcome, outcome, remembered } from "./outcome.ts";
import type { Rules } from "./rules.ts";

/** How many different sagas one coordination may have in a world. */
export const sagaBits = 10;

/** Inputs that are no message. They are numbered behind the 32 messages. */
export const orderInputs = { cancel: 32, deadline: 33, recovery: 34 } as const;
const inputCount = 35;

/** The coordinator's part of a world: the saga's row, and the transition that the service makes of it. */
export type OrderParty = {
  /** The row of a saga that was just begun, with what that says. */
  readonly begun: Outcome;
  readonly next: (saga: number, input: number) => Outcome;
  readonly at: (saga: number) => Saga;
};

/** Makes the order service's part in the orders of one coordination. */
export function createOrderParty(options: {
  readonly rules: Rules;
  readonly coordination: Coordination;
  readonly book: MessageBook;
}): OrderParty {
  const { rules, coordination, book } = options;
  const sagas = createInterner<Saga>({ name: "sagas", bits: sagaBits, keyOf: textOf });
  return {
    begun: outcomeOf(begin(coordination)),
    next: remembered(inputCount, (index, input) => {
      const before = sagas.at(index);
      const made = rules.transition(placeOrder, before, inputOf(input));
      return { ...outcomeOf(made), fault: faultIn(before, made.saga) };
    }),
    at: sagas.at,
  };

  function inputOf(input: number): SagaInput {
    switch (input) {
      case orderInputs.cancel: {
        const cause = { code: "CANCELLED_BY_USER", message: "" };
        return { kind: "abort", as: "CANCELLED", cause, at: now };
      }
      case orderInputs.deadline:
        return { kind: "time-limit", at: new Date(now.getTime() + aDayMs) };
      case orderInputs.recovery:
        return { kind: "recovery", at: now };
      default: {
        const { payload, context } = book.at(input);
        return { kind: "outcome", event: payload, state: context.state, at: now };
      }
    }
  }

  function outcomeOf({ saga, effects }: Transition): Outcome {
    const says = book.maskOf(effects.map((effect) => messageOf(placeOrder, saga, effect)));
    return outcome(sagas.of(timeless(saga)), { says });
  }
}

const aDayMs = 86_400_000;

function begin(coordination: Coordination): Transition {
  const payload = create(OrderCreatedSchema, orderCreated);
  return beginSaga(placeOrder, {
    id: sagaId,
    sessionId,
    coordination,
    traceparent: "",
    state: encodeState(placeOrder, placeOrder.announces.begun.state(payload)),
    at: now,
    dueAt: now,
  });
}

/** Times decide nothing here: a deadline may come at any moment. */
function timeless(saga: Saga): Saga {
  const { decision } = saga;
  return {
    ...saga,
    recoveries: 0,
    updatedAt: now,
    dueAt: undefined,
    endedAt: undefined,
    decision: decision === undefined ? undefined : { ...decision, at: now },
  };
}

function textOf({ facts, decision, state, standing, deadlineAt }: Saga): string {
  return JSON.stringify([
    facts.toSorted(),
    decision?.as,
    decision?.cause,
    Buffer.from(state).toString("hex"),
    standing,
    deadlineAt?.getTime(),
  ]);
}

/** What may never happen from one saga to the next, whatever came in between. */
function faultIn(before: Saga, after: Saga): string | undefined {
  const { decision } = before;
  const isKept =
    decision === undefined ||
    (after.decision?.as === decision.as && after.decision.cause.code === decision.cause.code);
  if (!isKept) {
    return `the decision flips from ${decision.as} to ${after.decision?.as ?? "undecided"}`;
  }
  if (isEnd(before.standing) && before.standing.status !== after.standing.status) {
    return `an ended saga goes from ${before.standing.status} to ${after.standing.status}`;
  }
  return undefined;
}
