import type { ReservationLine } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import { AppError } from "@ordersaga/kernel";
import type { EventContext, UnitOfWork } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { causeOf, type Participant, participate, type StepRequest } from "@ordersaga/saga";

import type { Line, Request } from "../domain/reservation.ts";
import { carryOut } from "../use-cases/carry-out.ts";
import { answerOf } from "./answer.ts";

/**
 * Inventory's part in an order: what it does about each request of the saga, however it is spelt. It
 * reserves when asked, gives back when the order is undone, and sells when the order is confirmed; then
 * it answers with the state that the reservation is in.
 */
export function createPlaceOrderParticipant(): Participant<typeof placeOrder, "inventory"> {
  const participant: Participant<typeof placeOrder, "inventory"> = participate(
    placeOrder,
    "inventory",
    {
      "reserve-inventory": {
        do: (uow, requests) =>
          handle(uow, requests, ({ lines }) => ({ kind: "do", lines: lines.map(lineOf) })),
        undo: (uow, requests) =>
          handle(uow, requests, ({ cause }) => ({ kind: "undo", cause: causeOf(cause) })),
      },
      "commit-inventory": {
        do: (uow, requests) => handle(uow, requests, () => ({ kind: "finish" })),
      },
    },
  );
  return participant;

  async function handle<R>(
    uow: UnitOfWork,
    requests: readonly StepRequest<R>[],
    requestOf: (request: R) => Request,
  ): Promise<void> {
    const reservations = await carryOut(
      uow,
      requests.map(({ request, context }) => ({
        sagaId: context.sagaId,
        sessionId: context.sessionId,
        request: requestOf(request),
      })),
    );
    for (const [index, { context }] of requests.entries()) {
      const reservation = reservations[index];
      if (reservation === undefined) {
        throw neverReserved(context);
      }
      participant.answer(uow, answerOf(context, reservation));
    }
  }
}

/** Plain data: what is kept is no protobuf message. */
function lineOf({ productId, quantity }: ReservationLine): Line {
  return { productId, quantity };
}

/**
 * An order is confirmed only after its reservation was committed and told: a confirmation without one
 * means that the database has lost rows. It is held and tried again, and raises an alarm.
 */
function neverReserved({ sagaId }: EventContext): AppError {
  return new AppError({
    code: "INTERNAL",
    message: `saga ${sagaId} is confirmed but has no reservation here`,
    reason: "RESERVATION_LOST",
  });
}
