import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

import {
  type LedgerEntry,
  LedgerStatus,
  PaymentProviderService,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import { createTestDatabase } from "@ordersaga/testkit";

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
  let port = 0;
  let child = await start();
  port = child.port;
  opened.defer(async () => {
    child.process.kill("SIGCONT");
    child.process.kill("SIGTERM");
    if (child.process.exitCode === null && child.process.signalCode === null) {
      await once(child.process, "exit");
    }
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const client = createRpcClient(PaymentProviderService, { baseUrl, timeoutMs: 5000 });
  opened.defer(() => client[Symbol.dispose]());
  const entryOf = async (sagaId: string): Promise<LedgerEntry | undefined> => {
    const { entries } = await client.listLedgerEntries({ keyPrefix: sagaId });
    return entries[0];
  };
  const all = opened.move();
  return {
    baseUrl,
    client,
    signal: (name) => void child.process.kill(name),
    restart: async () => {
      if (child.process.exitCode === null && child.process.signalCode === null) {
        await once(child.process, "exit");
      }
      child = await start();
    },
    entryOf,
    ledgerOf: async (sagaId) => {
      const entry = await entryOf(sagaId);
      return entry === undefined ? "none" : (statusNames.get(entry.status) ?? "unknown");
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };

  async function start() {
    const process = spawn(globalThis.process.execPath, [program], {
      env: { ...environment, DATABASE_URL: ledger.url, PORT: String(port), LOG_LEVEL: "info" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: process.stdout })) {
      const said = JSON.parse(line) as { readonly port?: number };
      if (said.port !== undefined) {
        process.stdout.resume();
        return { process, port: said.port };
      }
    }
    throw new Error("the provider ended before it served");
  }
}

const program = fileURLToPath(new URL("../../../payment-provider/src/main.ts", import.meta.url));

const statusNames = new Map<LedgerStatus, string>(
  Object.entries(LedgerStatus).map(([name, status]) => [status, name]),
);
