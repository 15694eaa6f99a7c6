import { Migration0001CreateInventory } from "./0001-create-inventory.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration0001CreateInventory] as const;
