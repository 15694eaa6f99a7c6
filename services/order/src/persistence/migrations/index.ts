import { Migration20261121Orders } from "./migration-20261121-orders.ts";
import { Migration20261122Repair } from "./migration-20261122-repair.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration20261121Orders, Migration20261122Repair] as const;
