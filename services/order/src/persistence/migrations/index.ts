import { Migration20261121Orders } from "./migration-20261121-orders.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration20261121Orders] as const;
