import assert from "node:assert/strict";
import { after, test } from "node:test";

import { create, type DescMessage, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  CommitInventoryRequestSchema,
  ReleaseInventoryRequestSchema,
  ReserveInventoryRequestSchema,
} from "@ordersaga/gen/inventory/command/v1/inventory_commands";
import {
  InventoryCommittedSchema,
  InventoryInsufficientSchema,
  InventoryReleasedSchema,
  InventoryReservedSchema,
} from "@ordersaga/gen/inventory/event/v1/inventory_events";
import {
  OrderAbortedSchema,
  OrderConfirmedSchema,
  OrderCreatedSchema,
} from "@ordersaga/gen/order/event/v1/order_events";
import { PlaceOrderStateSchema } from "@ordersaga/gen/order/event/v1/place_order_state";
import { PaymentDeclinedSchema } from "@ordersaga/gen/payment/event/v1/payment_events";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { uuidv7 } from "@ordersaga/kernel";
import type { IncomingEvent } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";

import { newSagaId, openInventoryUnderTest } from "../testing/inventory-under-test.ts";
import { createPlaceOrderParticipant } from "./place-order.participant.ts";

const inventory = await openInventoryUnderTest();
after(() => inventory[Symbol.asyncDispose]());
const { reactions } = createPlaceOrderParticipant();

const cause = { code: "CANCELLED_BY_USER", message: "Changed their mind." };
const lines = [{ productId: "laptop", quantity: 2 }];

test("it reacts to each spelling of its requests, and tries undo and finish for ever", () => {
  const table = new Map(reactions.map(({ type, isUnlimited }) => [type.typeName, isUnlimited]));
  assert.deepEqual(
    table,
    new Map([
      ["order.event.v1.OrderCreated", false],
      ["inventory.command.v1.ReserveInventoryRequest", false],
      ["order.event.v1.OrderAborted", true],
      ["payment.event.v1.PaymentDeclined", true],
      ["inventory.command.v1.ReleaseInventoryRequest", true],
      ["order.event.v1.OrderConfirmed", true],
      ["inventory.command.v1.CommitInventoryRequest", true],
    ]),
  );
});

for (const spelling of ["choreographed", "orchestrated"] as const) {
  test(`${spelling}: reserved, then committed, then told again in new envelopes`, async () => {
    const saga = begin(spelling);
    await inventory.stock(saga.sessionId, { laptop: 5 });
    await saga.do();
    await saga.do();
    await saga.finish();
    await saga.finish();
    await saga.do();
    const told = await inventory.emitted(saga.sessionId);
    assert.deepEqual(
      told.map(({ type }) => type),
      [reserved, reserved, committed, committed, committed],
    );
    assert.equal(new Set(told.map(({ envelopeId }) => envelopeId)).size, 5);
    assert.ok(told.every(({ sagaId }) => sagaId === saga.sagaId));
    assert.deepEqual(await inventory.levelOf(saga.sessionId, "laptop"), level(3, 0, 2));
  });

  test(`${spelling}: out of stock is told with what was short, and told the same again`, async () => {
    const saga = begin(spelling);
    await inventory.stock(saga.sessionId, { laptop: 1 });
    await saga.do();
    await inventory.stock(saga.sessionId, { mouse: 1 });
    await saga.do();
    await saga.undo();
    const told = await inventory.emitted(saga.sessionId);
    assert.deepEqual(
      told.map(({ type, payload }) => {
        assert.equal(type, InventoryInsufficientSchema.typeName);
        const { shortages } = fromBinary(InventoryInsufficientSchema, payload);
        return shortages.map(({ productId, requested, available }) => [
          productId,
          requested,
          available,
        ]);
      }),
      [1, 2, 3].map(() => [["laptop", 2, 1]]),
    );
  });

  test(`${spelling}: undone, with the cause; before its do, a tombstone refuses the do`, async () => {
    const reservedFirst = begin(spelling);
    await inventory.stock(reservedFirst.sessionId, { laptop: 5 });
    await reservedFirst.do();
    await reservedFirst.undo();
    const undoneFirst = begin(spelling, reservedFirst.sessionId);
    await undoneFirst.undo();
    await undoneFirst.do();
    const told = await inventory.emitted(reservedFirst.sessionId);
    assert.deepEqual(
      told.map(({ sagaId, type }) => [sagaId, type]),
      [
        [reservedFirst.sagaId, reserved],
        [reservedFirst.sagaId, released],
        [undoneFirst.sagaId, released],
        [undoneFirst.sagaId, released],
      ],
    );
    for (const { payload } of told.slice(1)) {
      const said = fromBinary(InventoryReleasedSchema, payload).cause;
      assert.deepEqual([said?.code, said?.message], [cause.code, cause.message]);
    }
    assert.deepEqual(await inventory.levelOf(reservedFirst.sessionId, "laptop"), level(5, 0, 0));
  });
}

test("a declined payment releases early, and the order's own abort is answered again", async () => {
  const saga = begin("choreographed");
  await inventory.stock(saga.sessionId, { laptop: 5 });
  await saga.do();
  await saga.hear(PaymentDeclinedSchema, { declineCode: "insufficient_funds" });
  await saga.undo();
  const told = await inventory.emitted(saga.sessionId);
  const causes = told.slice(1).map(({ type, payload }) => {
    assert.equal(type, released);
    return fromBinary(InventoryReleasedSchema, payload).cause?.code;
  });
  assert.deepEqual(causes, ["PAYMENT_DECLINED", "PAYMENT_DECLINED"]);
  assert.deepEqual(await inventory.levelOf(saga.sessionId, "laptop"), level(5, 0, 0));
});

test("choreographed, a success carries the saga's state on; orchestrated, it carries none", async () => {
  const saga = begin("choreographed");
  const commanded = begin("orchestrated", saga.sessionId);
  await inventory.stock(saga.sessionId, { laptop: 5 });
  await saga.do();
  await commanded.do();
  const [carrying, bare] = await inventory.emitted(saga.sessionId);
  assert.ok(carrying && bare);
  const state = fromBinary(PlaceOrderStateSchema, carrying.state);
  assert.deepEqual([state.orderId, state.paymentToken], [saga.sagaId, "tok_ok"]);
  assert.deepEqual(state.lines[0]?.quantity, 2);
  assert.equal(bare.state.length, 0);
});

test("an event of a saga in the other mode means nothing", async () => {
  const saga = begin("orchestrated");
  await inventory.stock(saga.sessionId, { laptop: 5 });
  await saga.hear(OrderCreatedSchema, orderCreated(saga.sagaId));
  assert.deepEqual(await inventory.emitted(saga.sessionId), []);
  assert.deepEqual(await inventory.levelOf(saga.sessionId, "laptop"), level(5, 0, 0));
});

test("a confirmation without a reservation is an error: rows were lost", async () => {
  const saga = begin("choreographed");
  await assert.rejects(saga.finish(), /internal error|has no reservation/);
  assert.deepEqual(await inventory.emitted(saga.sessionId), []);
});

test("a set of orders makes one envelope of each outcome", async () => {
  const sagas = Array.from({ length: 20 }, () => begin("choreographed", "one-set"));
  await inventory.stock("one-set", { laptop: 30 });
  await handle(
    OrderCreatedSchema,
    sagas.map((saga) => saga.heard(OrderCreatedSchema, orderCreated(saga.sagaId))),
  );
  const told = await inventory.emitted("one-set");
  const envelopes = new Map(told.map(({ envelopeId, type }) => [envelopeId, type]));
  assert.deepEqual(
    [...envelopes.values()].toSorted(),
    [InventoryInsufficientSchema.typeName, reserved].toSorted(),
  );
  assert.equal(told.filter(({ type }) => type === reserved).length, 15);
});

const reserved = InventoryReservedSchema.typeName;
const released = InventoryReleasedSchema.typeName;
const committed = InventoryCommittedSchema.typeName;

/** A saga that can say its requests in one of the two spellings. */
function begin(spelling: "choreographed" | "orchestrated", session?: string) {
  const sagaId = newSagaId();
  const sessionId = session ?? `s-${sagaId}`;
  const isChoreographed = spelling === "choreographed";
  const heard = <M extends DescMessage>(type: M, init: MessageInitShape<M>): IncomingEvent => {
    const envelopeId = uuidv7();
    return {
      id: `${envelopeId}/0`,
      envelopeId,
      type,
      payload: create(type, init),
      context: {
        sagaId,
        sessionId,
        traceparent: "",
        definitionVersion: placeOrder.version,
        coordination: isChoreographed ? Coordination.CHOREOGRAPHY : Coordination.ORCHESTRATION,
        state: new Uint8Array(),
      },
      createTime: new Date(),
      attempt: 1,
    };
  };
  const hear = async <M extends DescMessage>(type: M, init: MessageInitShape<M>) =>
    await handle(type, [heard(type, init)]);
  return {
    sagaId,
    sessionId,
    heard,
    hear,
    do: () =>
      isChoreographed
        ? hear(OrderCreatedSchema, orderCreated(sagaId))
        : hear(ReserveInventoryRequestSchema, { orderId: sagaId, lines }),
    undo: () =>
      isChoreographed
        ? hear(OrderAbortedSchema, { orderId: sagaId, cause })
        : hear(ReleaseInventoryRequestSchema, { cause }),
    finish: () =>
      isChoreographed
        ? hear(OrderConfirmedSchema, { orderId: sagaId })
        : hear(CommitInventoryRequestSchema, {}),
  };
}

function orderCreated(orderId: string): MessageInitShape<typeof OrderCreatedSchema> {
  const unitPrice = { currencyCode: "EUR", minorUnits: 100n };
  return {
    orderId,
    userId: "user",
    lines: lines.map((line) => ({ ...line, unitPrice })),
    total: { currencyCode: "EUR", minorUnits: 200n },
    paymentToken: "tok_ok",
  };
}

async function handle(type: DescMessage, events: readonly IncomingEvent[]): Promise<void> {
  const reaction = reactions.find((candidate) => candidate.type === type);
  assert.ok(reaction, `nobody reacts to ${type.typeName}`);
  await inventory.unitsOfWork.run((uow) => reaction.handle(uow, events));
}

function level(available: number, reservedPieces: number, sold: number) {
  return { available, reserved: reservedPieces, sold };
}
