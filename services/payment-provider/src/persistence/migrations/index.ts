import { Migration20261121Ledger } from "./migration-20261121-ledger.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration20261121Ledger] as const;
