import { defineEntity, p } from "@mikro-orm/core";

const IdempotencyKeyEntitySchema = defineEntity({
  name: "IdempotencyKeyEntity",
  tableName: "idempotency_key",
  properties: {
    sessionId: p.text().primary(),
    key: p.text().primary(),
    requestHash: p.text(),
    orderId: p.uuid(),
    createdAt: p.datetime(),
  },
});

/** A key under which an order was accepted. */
export class IdempotencyKeyEntity extends IdempotencyKeyEntitySchema.class {}
IdempotencyKeyEntitySchema.setClass(IdempotencyKeyEntity);
