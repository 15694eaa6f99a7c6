import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@ordersaga/local-servers";

import { connectTo, type SystemClients } from "../../scripts/system/clients.ts";
import { readSecrets } from "../../scripts/system/secrets.ts";
import { startServers } from "../../scripts/system/servers.ts";
import { serviceTable } from "../../scripts/system/service-table.ts";
import { type RunningServices, startServices } from "../../scripts/system/start-services.ts";

/** The whole system on servers and ports of its own, for one test file. */
export type TestSystem = AsyncDisposable & {
  readonly clients: SystemClients;
  readonly services: RunningServices;
  readonly operatorToken: string;
};

/** Starts real processes on a real PostgreSQL and a real nats-server in a temporary folder. */
export async function startTestSystem(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestSystem> {
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-e2e-"));
  const secrets = readSecrets(folder);
  const lines: string[] = [];
  const progress = (line: string): void => void lines.push(line);
  const servers = await startServers({
    folder,
    secrets,
    databaseUrl: undefined,
    natsUrl: undefined,
    progress,
  });
  const ports: Record<string, number> = {};
  for (const { name } of serviceTable) {
    ports[name] = await freePort();
  }
  const services = await startServices({
    folder,
    around: { ...servers, ...secrets, ports, settings },
    onEvent: progress,
    servingWithinMs: 30_000,
  }).catch(async (error: unknown) => {
    await servers.stop();
    throw new Error(lines.join("\n"), { cause: error });
  });
  const clients = connectTo(services);
  return {
    clients,
    services,
    operatorToken: secrets.operatorToken,
    async [Symbol.asyncDispose]() {
      clients[Symbol.dispose]();
      await services.stop();
      await servers.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
