import { connectToKeeper } from "./keeper-client.ts";

/** The servers that all test files of a run share. */
export type TestServers = { readonly postgresUrl: string; readonly natsUrl: string };

let servers: Promise<TestServers> | undefined;

/**
 * The PostgreSQL (URL of its superuser) and nats-server to test with. `npm test` starts them and names them
 * in the environment; a test file run alone shares those that a background process keeps for some minutes.
 */
export async function testServers(): Promise<TestServers> {
  servers ??= fromEnvironment() ?? connectToKeeper();
  return await servers;
}

function fromEnvironment(): Promise<TestServers> | undefined {
  const postgresUrl = process.env["ORDERSAGA_TEST_POSTGRES_URL"];
  const natsUrl = process.env["ORDERSAGA_TEST_NATS_URL"];
  return postgresUrl === undefined || natsUrl === undefined
    ? undefined
    : Promise.resolve({ postgresUrl, natsUrl });
}
