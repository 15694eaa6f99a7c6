import { Migration0001CreatePayment } from "./0001-create-payment.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration0001CreatePayment] as const;
