export { type DataRoot, dataRoot, stopLeftoverServers, whoUsesData } from "./data-folders.ts";
export { findNatsServer } from "./find-nats-server.ts";
export { freePort, isPortTaken } from "./free-port.ts";
export { DataInUseError } from "./data-claim.ts";
export { createRoleAndDatabase, type NewDatabase } from "./postgres-database.ts";
export { developmentSettings, type PostgresSettings } from "./postgres-settings.ts";
export { type LocalNats, startNats, type StartNatsOptions } from "./start-nats.ts";
export { type LocalPostgres, startPostgres, type StartPostgresOptions } from "./start-postgres.ts";
