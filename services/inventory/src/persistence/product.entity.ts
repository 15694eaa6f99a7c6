import { defineEntity, p } from "@mikro-orm/core";

const ProductSchema = defineEntity({
  name: "Product",
  tableName: "product",
  properties: {
    sessionId: p.string().primary(),
    id: p.string().primary(),
    name: p.string(),
    priceMinor: p.bigint("bigint"),
    currency: p.string(),
    available: p.bigint("bigint"),
    reserved: p.bigint("bigint"),
    sold: p.bigint("bigint"),
    version: p.bigint("bigint"),
  },
});

/** A product of one session: its price, and where its pieces are. */
export class Product extends ProductSchema.class {}
ProductSchema.setClass(Product);
