export { createTestDatabase, type SqlDatabaseOptions, type TestDatabase } from "./test-database.ts";
export { testNats, type TestNats } from "./test-nats.ts";
export { testServers, type TestServers } from "./test-servers.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
