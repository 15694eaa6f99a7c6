export type { Database } from "./database/database.ts";
export { databaseErrorFrom, type DatabaseTrouble, troubleOf } from "./database/database-error.ts";
export {
  type MigrationClass,
  openDatabase,
  type OpenDatabaseOptions,
} from "./database/open-database.ts";
export { type AuditEntry, writeAudit } from "./audit/write-audit.ts";
export {
  deadLetterHandlers,
  type DeadLetterHandlers,
} from "./dead-letters/dead-letter-handlers.ts";
export type { DeadLetterCall } from "./dead-letters/operator-call.ts";
export { createOutbox, type Outbox, type OutboxOptions } from "./outbox.ts";
export { type IncomingEvent, type Reaction, reactTo } from "./reaction.ts";
export { type OutboxLimits, outboxLimitsFrom, outboxSettings } from "./settings.ts";
export { durableOf, streamOf, subjectOf } from "./subject.ts";
export { createOutboxTables, dropOutboxTables } from "./tables/outbox-tables.ts";
export { createRepairTables, dropRepairTables } from "./tables/repair-tables.ts";
export type {
  EventContext,
  OutgoingEvent,
  Statement,
  UnitOfWork,
  UnitsOfWork,
} from "./unit-of-work.ts";
