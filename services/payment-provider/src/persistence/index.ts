import { LedgerEntryRow } from "./ledger-entry.entity.ts";

export { migrations } from "./migrations/index.ts";

/** All entities of this service. */
export const entities = [LedgerEntryRow];
