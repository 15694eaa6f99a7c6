import { Migration0001CreateInventory } from "./0001-create-inventory.ts";
import { Migration0002Repair } from "./0002-repair.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration0001CreateInventory, Migration0002Repair] as const;
