import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { type Order, OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus, StepStatus } from "@ordersaga/gen/order/v1/saga";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { LedgerStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import { startTestSystem, type TestSystem } from "./system.ts";

const session = { sessionId: "e2e-orders" };

describe("an order, from CreateOrder to its end, over real processes", () => {
  let system: TestSystem;
  before(async () => {
    system = await startTestSystem();
    await system.clients.inventory.seedProducts({}, session);
  });
  after(async () => await system[Symbol.asyncDispose]());

  const place = async (
    productId: string,
    rest: { readonly token?: string; readonly coordination?: Coordination } = {},
  ): Promise<Order> => {
    const { order } = await system.clients.order.createOrder(
      {
        userId: "somebody",
        lines: [{ productId, quantity: 1 }],
        paymentMethod: { token: rest.token ?? "tok_ok" },
        coordination: rest.coordination ?? Coordination.UNSPECIFIED,
      },
      session,
    );
    assert.ok(order);
    return order;
  };

  /** Follows an order to the end of its saga and returns how it stands then. */
  const follow = async ({ id }: Order): Promise<Order> => {
    let last: Order | undefined;
    for await (const update of system.clients.order.watchOrder({ orderId: id }, session)) {
      last = update.order ?? last;
    }
    assert.ok(last);
    return last;
  };

  const ledgerOf = async ({ sagaId }: Order) => {
    const { entries } = await system.clients.provider.listLedgerEntries({ keyPrefix: sagaId });
    return entries;
  };

  for (const coordination of [Coordination.CHOREOGRAPHY, Coordination.ORCHESTRATION]) {
    const name = coordination === Coordination.CHOREOGRAPHY ? "choreographed" : "orchestrated";

    it(`confirms a good order, ${name}: stock committed, money taken once`, async () => {
      const order = await follow(await place("laptop", { coordination }));
      assert.equal(order.status, OrderStatus.CONFIRMED);
      const { saga } = await system.clients.order.getSaga(
        { id: { case: "orderId", value: order.id } },
        session,
      );
      assert.equal(saga?.status, SagaStatus.COMPLETED);
      assert.equal(saga.coordination, coordination);
      assert.deepEqual(
        saga.history
          .filter(({ status }) => status === StepStatus.SUCCEEDED)
          .map(({ step }) => step),
        ["reserve-inventory", "process-payment", "confirm-order", "commit-inventory"],
      );
      const entries = await ledgerOf(order);
      assert.deepEqual(
        entries.map(({ status, amount }) => [status, amount?.minorUnits]),
        [[LedgerStatus.CHARGED, order.total?.minorUnits]],
      );
    });

    it(`undoes a declined order, ${name}: stock released, nothing charged`, async () => {
      const order = await follow(await place("keyboard", { token: "tok_declined", coordination }));
      assert.equal(order.status, OrderStatus.FAILED);
      assert.equal(order.reason, "PAYMENT_DECLINED");
      const { product } = await system.clients.inventory.getProduct(
        { productId: "keyboard" },
        session,
      );
      assert.equal(product?.reserved, 0n);
      assert.deepEqual(
        (await ledgerOf(order)).map(({ status }) => status),
        [LedgerStatus.DECLINED],
      );
    });

    it(`charges once when the provider's answer is lost, ${name}`, async () => {
      const order = await place("mouse", { token: "tok_timeout_after_charge", coordination });
      assert.equal((await follow(order)).status, OrderStatus.CONFIRMED);
      assert.deepEqual(
        (await ledgerOf(order)).map(({ status }) => status),
        [LedgerStatus.CHARGED],
      );
    });
  }

  it("gives the last piece to one of two orders placed at the same moment", async () => {
    const answers = await Promise.allSettled([place("limited-edition"), place("limited-edition")]);
    const placed = answers.flatMap((answer) =>
      answer.status === "fulfilled" ? [answer.value] : [],
    );
    const ends = await Promise.all(placed.map(follow));
    const confirmed = ends.filter(({ status }) => status === OrderStatus.CONFIRMED);
    assert.equal(confirmed.length, 1);
    const { product } = await system.clients.inventory.getProduct(
      { productId: "limited-edition" },
      session,
    );
    assert.deepEqual([product?.available, product?.reserved, product?.sold], [0n, 0n, 1n]);
  });

  it("refuses what is sold out at the stock check", async () => {
    await assert.rejects(place("sold-out"), { code: "FAILED_PRECONDITION" });
  });

  it("does not find another session's order", async () => {
    const order = await place("mouse");
    await follow(order);
    await assert.rejects(
      system.clients.order.getOrder({ orderId: order.id }, { sessionId: "somebody-else" }),
      { code: "NOT_FOUND" },
    );
  });
});
