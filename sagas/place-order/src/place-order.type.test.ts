// Compiled by tsc, not run: each mistake below is one that the compiler must find.
import { InventoryCommandService } from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import {
  OrderAbortedSchema,
  OrderConfirmedSchema,
  OrderCreatedSchema,
} from "@ordersaga/gen/order/event/v1/order_events";
import { PlaceOrderStateSchema } from "@ordersaga/gen/order/event/v1/place_order_state";
import { PaymentCommandService } from "@ordersaga/gen/payment/command/v1/payment_commands";
import type { EventContext, UnitOfWork } from "@ordersaga/outbox";
import { type Cause, defineSaga, participate, type ProgressOf } from "@ordersaga/saga";

import { placeOrderLimits } from "./place-order.limits.ts";
import { placeOrder } from "./place-order.saga.ts";

const inventory = InventoryCommandService.method;
const payment = PaymentCommandService.method;

const begin = () =>
  defineSaga("typed", {
    version: 1,
    state: PlaceOrderStateSchema,
    limits: placeOrderLimits,
    progress: ["OPEN", "RESERVED", "CLOSED"],
    announces: {
      begun: {
        event: OrderCreatedSchema,
        as: "OPEN",
        payload: ({ orderId }) => ({ orderId }),
        state: ({ orderId }) => ({ orderId }),
      },
      confirmed: { event: OrderConfirmedSchema, as: "CLOSED", payload: () => ({}) },
      aborted: {
        event: OrderAbortedSchema,
        as: { FAILED: "CLOSED", CANCELLED: "CLOSED" },
        payload: ({ cause }) => ({ cause }),
        cause: ({ cause }) => cause,
      },
    },
  });

const owner = "payment";
const command = payment.processPayment;
const request = () => ({});
const refuse = () => ({ code: "NO", message: "" });
const undo = {
  command: payment.refundPayment,
  request: ({ cause }: { readonly cause: Cause }) => ({ cause }),
} as const;
const declined = { abort: refuse } as const;
const pending = { wait: "payment" } as const;
const succeeded = { advance: () => ({}) } as const;

export function rightSteps(): void {
  const outcomes = { succeeded, declined, pending } as const;
  begin()
    .compensatable("pay", { owner, command, request, outcomes, undo })
    .pivot("decide", { owner: "order" })
    .retriable("commit", {
      owner: "inventory",
      command: inventory.commitInventory,
      request,
      outcomes: { committed: { advance: () => ({}) } },
    })
    .end();
}

export function wrongOutcomes(): void {
  const step = { owner, command, request, undo } as const;
  // @ts-expect-error the outcome `pending` is forgotten
  begin().compensatable("pay", { ...step, outcomes: { succeeded, declined } });

  const all = { succeeded, declined, pending } as const;
  // @ts-expect-error the proto declares no outcome `lost`
  begin().compensatable("pay", { ...step, outcomes: { ...all, lost: succeeded } });

  const two = { ...declined, ...pending } as const;
  // @ts-expect-error a rule is one of advance, abort and wait, not two
  begin().compensatable("pay", { ...step, outcomes: { ...all, declined: two } });

  // @ts-expect-error no limit is called `parcel`
  begin().compensatable("pay", { ...step, outcomes: { ...all, pending: { wait: "parcel" } } });

  const half = { ...succeeded, as: "HALF" } as const;
  // @ts-expect-error `HALF` is not declared as progress
  begin().compensatable("pay", { ...step, outcomes: { ...all, succeeded: half } });

  begin().compensatable("pay", {
    ...step,
    outcomes: {
      ...all,
      // @ts-expect-error the state has no `paymentNumber`
      succeeded: { advance: ({ paymentId }) => ({ paymentNumber: paymentId }) },
    },
  });

  begin().compensatable("pay", {
    ...step,
    outcomes: {
      ...all,
      // @ts-expect-error the state has no `paymentNumber`, although the other field is right
      succeeded: { advance: ({ paymentId }) => ({ paymentId, paymentNumber: paymentId }) },
    },
  });

  begin().compensatable("pay", {
    ...step,
    outcomes: {
      ...all,
      // @ts-expect-error the outcome has no `paymentNumber`
      succeeded: { advance: ({ paymentNumber }) => ({ paymentId: paymentNumber }) },
    },
  });
}

export function wrongSteps(): void {
  const outcomes = { succeeded, declined, pending } as const;
  // @ts-expect-error a step before the pivot needs an undo
  begin().compensatable("pay", { owner, command, request, outcomes });

  const commands = { ...undo, command: payment.processPayment } as const;
  // @ts-expect-error the reply of an undo has one outcome, which carries the cause
  begin().compensatable("pay", { owner, command, request, outcomes, undo: commands });

  const step = { owner, command, request, outcomes, undo } as const;
  // @ts-expect-error the name is taken
  begin().compensatable("pay", step).compensatable("pay", step);

  // @ts-expect-error a saga without a pivot has no end
  begin().compensatable("pay", step).end();

  const decided = begin().compensatable("pay", step).pivot("decide", { owner: "order" });
  // @ts-expect-error there is one pivot
  decided.pivot("decide-again", { owner: "order" });

  // @ts-expect-error nothing is undone after the pivot
  decided.compensatable("pay-again", step);

  // @ts-expect-error nothing aborts after the pivot
  decided.retriable("capture", { owner, command, request, outcomes });
}

const handled = async (): Promise<void> => undefined;

export function participants(uow: UnitOfWork, context: EventContext): void {
  const reserve = { do: handled, undo: handled } as const;
  const commit = { do: handled } as const;

  const right = participate(placeOrder, "inventory", {
    "reserve-inventory": {
      do: async (_uow, requests) => {
        requests.map(({ request: { lines } }) => lines.map(({ quantity }) => quantity + 1));
      },
      undo: async (_uow, requests) => {
        requests.map(({ request: { cause } }) => cause?.code.length);
      },
    },
    "commit-inventory": commit,
  });
  const step = "reserve-inventory";
  right.answer(uow, { step, context, outcome: { case: "reserved", value: {} } });
  right.answer(uow, { step, context, outcome: { case: "released", value: { cause: refuse() } } });
  // @ts-expect-error `committed` is no outcome of this step
  right.answer(uow, { step, context, outcome: { case: "committed", value: {} } });
  // @ts-expect-error payment's step is not inventory's to answer
  right.answer(uow, { step: "process-payment", context, outcome: { case: "pending", value: {} } });

  // @ts-expect-error nobody called shipping has a step
  participate(placeOrder, "shipping", {});
  // @ts-expect-error the coordinator of the pivot takes no requests
  participate(placeOrder, "order", {});
  // @ts-expect-error `commit-inventory` has no handler
  participate(placeOrder, "inventory", { "reserve-inventory": reserve });
  // @ts-expect-error `reserve-inventory` has no undo
  participate(placeOrder, "inventory", { "reserve-inventory": commit, "commit-inventory": commit });
}

export const declared: ProgressOf<typeof placeOrder> = "PAYMENT_PENDING";
// @ts-expect-error no such progress is declared
export const undeclared: ProgressOf<typeof placeOrder> = "PAYMENT_PENDNG";
