import { Migration0001CreatePayment } from "./0001-create-payment.ts";
import { Migration0002Repair } from "./0002-repair.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration0001CreatePayment, Migration0002Repair] as const;
