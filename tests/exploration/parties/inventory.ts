import type { ReserveInventoryRequest } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import type { ReleaseInventoryRequest } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import type { Request, Reservation } from "@ordersaga/inventory/src/domain/reservation.ts";
import { answerOf } from "@ordersaga/inventory/src/messaging/answer.ts";
import { placeOrder } from "@ordersaga/place-order";
import { causeOf, type Trigger } from "@ordersaga/saga";
import { answerWith, versionsOf } from "@ordersaga/saga/testing";

import { productId, sagaId, sessionId } from "./fixture.ts";
import { createInterner } from "./interner.ts";
import type { Message, MessageBook } from "./message-book.ts";
import { type Outcome, outcome, remembered } from "./outcome.ts";
import type { Rules } from "./rules.ts";

/** How many different reservations one order may have. */
export const reservationBits = 5;

/** Pieces that may be free at most. */
export const maxStock = 3;

/** Inventory's part of a world. Record 0 is that there is none. */
export type InventoryParty = {
  readonly next: (reservation: number, message: number, available: number) => Outcome;
  readonly at: (reservation: number) => Reservation | undefined;
};

/** Makes inventory's part in the orders of one coordination. */
export function createInventoryParty(options: {
  readonly rules: Rules;
  readonly book: MessageBook;
}): InventoryParty {
  const { rules, book } = options;
  const reservations = createInterner<Reservation | undefined>({
    name: "reservations",
    bits: reservationBits,
    keyOf: (reservation) => JSON.stringify(reservation ?? null),
  });
  const none = reservations.of(undefined);
  const levels = maxStock + 1;
  const next = remembered(32 * levels, (record, input) => {
    const before = record === none ? undefined : reservations.at(record);
    return decided(before, book.at(Math.floor(input / levels)), input % levels);
  });
  return {
    next: (reservation, message, available) => next(reservation, message * levels + available),
    at: (record) => (record === none ? undefined : reservations.at(record)),
  };

  /** What `carryOut` does with its unit of work, and the participant with the answer. */
  function decided(before: Reservation | undefined, message: Message, available: number): Outcome {
    const trigger = message.triggers.inventory;
    if (trigger === undefined) {
      throw new Error(`inventory does not hear ${message.name}`);
    }
    const key = { sagaId, sessionId };
    const { payload, context } = message;
    const { request, state } = trigger.read({ payload, state: context.state });
    const { answers, inserted, updated, stockChanges } = rules.decideReservations(
      [{ ...key, request: requestOf(trigger, request) }],
      before === undefined ? [] : [{ ...key, reservation: before }],
      [{ sessionId, productId, available }],
    );
    const [answer] = answers;
    const record = reservations.of((inserted[0] ?? updated[0])?.reservation ?? before);
    if (answer === undefined) {
      return outcome(record, { fault: "a confirmed order has no reservation" });
    }
    const said = answerWith(versions, answerOf({ ...context, state }, answer));
    const [change] = stockChanges;
    const stock =
      change === undefined
        ? undefined
        : ([change.available, change.reserved, change.sold] as const);
    return outcome(record, { says: book.maskOf([said]), stock });
  }
}

const versions = versionsOf([placeOrder]);

/** What the participant's handlers make of a request. */
function requestOf({ step, act }: Trigger, request: unknown): Request {
  if (step.kind === "retriable") {
    return { kind: "finish" };
  }
  if (act === "undo") {
    return { kind: "undo", cause: causeOf((request as ReleaseInventoryRequest).cause) };
  }
  const { lines } = request as ReserveInventoryRequest;
  return {
    kind: "do",
    lines: lines.map(({ productId: id, quantity }) => ({ productId: id, quantity })),
  };
}
