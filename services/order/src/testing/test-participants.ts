import type { MessageShape } from "@bufbuild/protobuf";
import { ProductChangedSchema } from "@ordersaga/gen/inventory/event/v1/inventory_events";
import type { ProcessPaymentRequestSchema } from "@ordersaga/gen/payment/command/v1/payment_commands";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { systemClock, systemRng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import {
  createOutbox,
  createOutboxTables,
  openDatabase,
  type OutboxLimits,
} from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { participate, type Participant, type StepRequest } from "@ordersaga/saga";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase } from "@ordersaga/testkit";

/**
 * Stand-ins for inventory and payment on the real broker: stock is always there, and the payment's token
 * says what becomes of it (`tok_ok`, `tok_declined`; any other token: nothing is ever heard).
 */
export type TestParticipants = AsyncDisposable & {
  readonly changePrice: (product: {
    readonly sessionId: string;
    readonly productId: string;
    readonly minor: bigint;
    readonly version: bigint;
  }) => Promise<void>;
};

export async function startTestParticipants(options: {
  readonly servers: string;
  readonly prefix: string;
  readonly limits: OutboxLimits;
}): Promise<TestParticipants> {
  await using opening = new AsyncDisposableStack();
  const tables = opening.use(
    await createTestDatabase({ name: "order_participants", sql: createOutboxTables }),
  );
  const open = { url: tables.url, entities: [], migrations: [], log: silentLogger };
  const database = opening.use(await openDatabase({ ...open, poolMax: 8 }));
  const { servers, prefix, limits } = options;
  const bus = opening.use(
    await connectJetStream({ servers, prefix, name: "participants", log: silentLogger }),
  );
  const around = { database, bus, clock: systemClock, rng: systemRng, log: silentLogger, limits };
  const inventory = opening.use(createOutbox({ ...around, service: "inventory" }));
  const payment = opening.use(createOutbox({ ...around, service: "payment" }));
  await inventory.start(inventoryPart().reactions);
  await payment.start(paymentPart().reactions);
  const opened = opening.move();
  return {
    changePrice: ({ sessionId, productId, minor, version }) =>
      inventory.unitsOfWork.run(async (uow) => {
        const unitPrice = { currencyCode: "EUR", minorUnits: minor };
        uow.emit({
          type: ProductChangedSchema,
          payload: { productId, name: productId, unitPrice, version },
          context: {
            sagaId: "",
            sessionId,
            traceparent: "",
            definitionVersion: 0,
            coordination: Coordination.UNSPECIFIED,
            state: new Uint8Array(),
          },
        });
      }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function inventoryPart(): Participant<typeof placeOrder, "inventory"> {
  const part: Participant<typeof placeOrder, "inventory"> = participate(placeOrder, "inventory", {
    "reserve-inventory": {
      do: async (uow, requests) => {
        for (const { context } of requests) {
          const outcome = { case: "reserved", value: {} } as const;
          part.answer(uow, { step: "reserve-inventory", context, outcome });
        }
      },
      undo: async (uow, requests) => {
        for (const { context, request } of requests) {
          const outcome = { case: "released", value: { cause: request.cause } } as const;
          part.answer(uow, { step: "reserve-inventory", context, outcome });
        }
      },
    },
    "commit-inventory": {
      do: async (uow, requests) => {
        for (const { context } of requests) {
          const outcome = { case: "committed", value: {} } as const;
          part.answer(uow, { step: "commit-inventory", context, outcome });
        }
      },
    },
  });
  return part;
}

function paymentPart(): Participant<typeof placeOrder, "payment"> {
  const part: Participant<typeof placeOrder, "payment"> = participate(placeOrder, "payment", {
    "process-payment": {
      do: async (uow, requests) => {
        for (const one of requests) {
          const { context } = one;
          const outcome = outcomeOf(one);
          if (outcome !== undefined) {
            part.answer(uow, { step: "process-payment", context, outcome });
          }
        }
      },
      undo: async (uow, requests) => {
        for (const { context, request } of requests) {
          const outcome = { case: "refunded", value: { cause: request.cause } } as const;
          part.answer(uow, { step: "process-payment", context, outcome });
        }
      },
    },
  });
  return part;
}

type Charge = StepRequest<MessageShape<typeof ProcessPaymentRequestSchema>>;

function outcomeOf({ request, context }: Charge) {
  switch (request.paymentToken) {
    case "tok_ok":
      return { case: "succeeded", value: { paymentId: context.sagaId } } as const;
    case "tok_declined":
      return { case: "declined", value: { declineCode: "card_declined" } } as const;
    default:
      return undefined;
  }
}
