export {
  createTestDatabase,
  type TestDatabaseOptions,
  type TestDatabase,
} from "./test-database.ts";
export { testNats, type TestNats } from "./test-nats.ts";
export { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
export { testServers, type TestServers } from "./test-servers.ts";
export { testSettings } from "./test-settings.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
