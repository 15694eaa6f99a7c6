import { PaymentRecord } from "./payment.entity.ts";

/** All entities of this service. */
export const entities = [PaymentRecord];

export { migrations } from "./migrations/index.ts";
