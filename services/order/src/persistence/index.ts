import { IdempotencyKeyEntity } from "./idempotency-key.entity.ts";
import { OrderEntity } from "./order.entity.ts";
import { PriceEntity } from "./price.entity.ts";

/** All entities of this service. */
export const entities = [OrderEntity, IdempotencyKeyEntity, PriceEntity];

export { migrations } from "./migrations/index.ts";
