import { Product } from "./product.entity.ts";
import { ReservationRecord } from "./reservation.entity.ts";

/** All entities of this service. */
export const entities = [Product, ReservationRecord];

export { migrations } from "./migrations/index.ts";
