import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { readConfig, uuidv7 } from "@ordersaga/kernel";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, type TestDatabase } from "@ordersaga/testkit";

import { startApp } from "./app.ts";
import { settings } from "./config.ts";
import { entities, migrations } from "./persistence/index.ts";

export type ProviderClient = RpcClient<typeof PaymentProviderService>;

/** A whole provider that serves, and a client of it. */
export type ProviderUnderTest = AsyncDisposable & {
  readonly client: ProviderClient;
  readonly baseUrl: string;
};

/** A database for the ledger of one test file. */
export function createLedgerDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ name: "provider", entities, migrations });
}

/** Starts a provider over a ledger; `environment` is what its other settings are read from. */
export async function startProvider(
  ledger: TestDatabase,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProviderUnderTest> {
  const config = readConfig(settings, { ...environment, DATABASE_URL: ledger.url, PORT: "0" });
  const app = await startApp(config, { log: silentLogger });
  const baseUrl = `http://127.0.0.1:${app.port}`;
  const client = createRpcClient(PaymentProviderService, { baseUrl, timeoutMs: 10_000 });
  return {
    client,
    baseUrl,
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await app.stop();
    },
  };
}

/** A key that no other test uses. */
export function newKey(): string {
  return `${uuidv7()}:test`;
}
