import { Migration0001CreateLedger } from "./0001-create-ledger.ts";

/** All migrations of this service, oldest first. */
export const migrations = [Migration0001CreateLedger] as const;
