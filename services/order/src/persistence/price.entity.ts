import { defineEntity, p } from "@mikro-orm/core";

const PriceEntitySchema = defineEntity({
  name: "PriceEntity",
  tableName: "price_list",
  properties: {
    sessionId: p.text().primary(),
    productId: p.text().primary(),
    priceMinor: p.bigint(),
    currency: p.text(),
    version: p.bigint(),
  },
});

/** What a product cost when inventory last said so. */
export class PriceEntity extends PriceEntitySchema.class {}
PriceEntitySchema.setClass(PriceEntity);
