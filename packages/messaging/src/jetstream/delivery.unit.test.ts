import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Msg, NatsConnection } from "@nats-io/nats-core";

import { Answers } from "./answers.ts";
import { deliveryOf } from "./delivery.ts";
import { namesWith } from "./names.ts";

describe("a delivery", () => {
  it("knows its counts from the reply subject of servers old and new", () => {
    const old = delivered("$JS.ACK.t1_ORDER.t1_inventory.3.1234.17.1700000000000000000.5");
    const recent = delivered("$JS.ACK.hub.acc.t1_ORDER.t1_inv.3.1234.17.1700000000000000000.5.rnd");
    for (const { delivery } of [old, recent]) {
      assert.equal(delivery.deliveryCount, 3);
      assert.equal(delivery.streamSequence, 1234);
    }
  });

  it("shows its subject without the prefix", () => {
    assert.equal(delivered().delivery.subject, "order.event.v1.order-created");
  });

  it("is answered once: what comes after an ack or a nak is ignored", () => {
    const { delivery, sent, answered } = delivered();
    delivery.working();
    delivery.ack();
    delivery.nak(10);
    delivery.working();
    delivery.ack();
    assert.deepEqual(sent, ["+WPI", "+ACK"]);
    assert.equal(answered(), 1);
  });

  it("asks for a redelivery at once, or after a delay in nanoseconds", () => {
    const now = delivered();
    now.delivery.nak(0);
    const later = delivered();
    later.delivery.nak(1500.5);
    assert.deepEqual([...now.sent, ...later.sent], ["-NAK", '-NAK {"delay":1500500000}']);
  });
});

function delivered(reply = "$JS.ACK.t1_ORDER.t1_inventory.1.2.3.1700000000000000000.0") {
  const sent: string[] = [];
  let answered = 0;
  const connection = {
    isClosed: () => false,
    publish: (_subject: string, data: Uint8Array | string) =>
      void sent.push(typeof data === "string" ? data : new TextDecoder().decode(data)),
  };
  const delivery = deliveryOf({
    message: { reply, subject: "t1.order.event.v1.order-created" } as Msg,
    connection: connection as unknown as NatsConnection,
    names: namesWith("t1"),
    stream: "ORDER",
    answers: new Answers("2026-01-01T00:00:00Z"),
    onAnswered: () => void answered++,
  });
  return { delivery, sent, answered: () => answered };
}
