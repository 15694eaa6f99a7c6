import { defineEntity, p } from "@mikro-orm/core";

import type { StoredLine } from "./order-statements.ts";

const OrderEntitySchema = defineEntity({
  name: "OrderEntity",
  tableName: "orders",
  properties: {
    id: p.uuid().primary(),
    sessionId: p.text().primary(),
    userId: p.text(),
    lines: p.json<readonly StoredLine[]>(),
    totalMinor: p.bigint(),
    currency: p.text(),
    paymentToken: p.text(),
    createdAt: p.datetime(),
  },
});

/** An accepted order; its row never changes. */
export class OrderEntity extends OrderEntitySchema.class {}
OrderEntitySchema.setClass(OrderEntity);
