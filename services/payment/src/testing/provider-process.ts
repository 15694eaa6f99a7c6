import {
  type LedgerEntry,
  LedgerStatus,
  PaymentProviderService,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import { createTestDatabase } from "@ordersaga/testkit";

import { startService } from "./service-process.ts";

/** The real payment provider, as a process of its own with a ledger of its own. */
export type ProviderProcess = AsyncDisposable & {
  readonly baseUrl: string;
  readonly client: RpcClient<typeof PaymentProviderService>;
  /** Sends a signal, such as SIGSTOP, SIGCONT or SIGKILL. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Starts it again, on the same port and ledger, after it was killed. */
  readonly restart: () => Promise<void>;
  /** What its ledger says of a saga's payment. */
  readonly entryOf: (sagaId: string) => Promise<LedgerEntry | undefined>;
  /** The same as the name of a status, or `none`. */
  readonly ledgerOf: (sagaId: string) => Promise<string>;
};

/** Starts the provider; `environment` is what its settings are read from. */
export async function startProviderProcess(
  environment: Readonly<Record<string, string>> = {},
): Promise<ProviderProcess> {
  await using opened = new AsyncDisposableStack();
  const ledger = opened.use(
    await createTestDatabase({ name: "provider_process", sql: "select 1" }),
  );
  const settings = { ...environment, DATABASE_URL: ledger.url };
  let running = await startService("payment-provider", { ...settings, PORT: "0" });
  opened.defer(() => running[Symbol.asyncDispose]());
  const { port } = running;
  const baseUrl = `http://127.0.0.1:${port}`;
  const client = opened.use(createRpcClient(PaymentProviderService, { baseUrl, timeoutMs: 5000 }));
  const entryOf = async (sagaId: string): Promise<LedgerEntry | undefined> => {
    const { entries } = await client.listLedgerEntries({ keyPrefix: sagaId });
    return entries[0];
  };
  const all = opened.move();
  return {
    baseUrl,
    client,
    signal: (name) => running.signal(name),
    restart: async () => {
      await running.ended;
      running = await startService("payment-provider", { ...settings, PORT: String(port) });
    },
    entryOf,
    ledgerOf: async (sagaId) => {
      const entry = await entryOf(sagaId);
      return entry === undefined ? "none" : (statusNames.get(entry.status) ?? "unknown");
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const statusNames = new Map<LedgerStatus, string>(
  Object.entries(LedgerStatus).map(([name, status]) => [status, name]),
);
