import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@ordersaga/local-servers";

import { connectTo, type SystemClients } from "./clients.ts";
import { readSecrets } from "./secrets.ts";
import { serviceTable } from "./service-table.ts";
import {
  type RunningServices,
  startServices,
  type StartServicesOptions,
} from "./start-services.ts";
import { startTemporaryServers, type TemporaryServers } from "./temporary-servers.ts";

/** The whole system on servers and ports of its own, to be thrown away. */
export type TemporarySystem = AsyncDisposable & {
  readonly clients: SystemClients;
  readonly services: RunningServices;
  readonly servers: TemporaryServers;
  readonly operatorToken: string;
  /** Where the services' logs are. */
  readonly logFolder: string;
  /** What happened to processes so far, a sentence each. */
  readonly events: readonly string[];
};

export type TemporarySystemOptions = {
  /** For every service. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly supervision?: StartServicesOptions["supervision"];
  /** Each service reaches PostgreSQL and NATS through a proxy that can be cut. */
  readonly withCables?: boolean;
};

/** Starts real processes on a real PostgreSQL and a real nats-server in a temporary folder. */
export async function startTemporarySystem(
  options: TemporarySystemOptions = {},
): Promise<TemporarySystem> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-"));
  // PostgreSQL's own user must be able to enter, or its data would be kept elsewhere and left there.
  chmodSync(folder, 0o755);
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secrets = readSecrets(folder);
  const { withCables = false } = options;
  const servers = started.use(await startTemporaryServers({ folder, secrets, withCables }));
  const ports: Record<string, number> = {};
  for (const { name } of serviceTable) {
    ports[name] = await freePort();
  }
  const events: string[] = [];
  const { databaseUrls, natsUrls } = servers;
  const natsUrl = servers.nats.url;
  // Starts are most of the time of tests that kill: what was compiled once is compiled.
  const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), "ordersaga-compiled") };
  const settings = { ...compiled, ...options.settings };
  const services = await startServices({
    folder,
    around: {
      databaseUrls,
      natsUrl,
      natsUrls,
      ...secrets,
      ports,
      settings,
    },
    onEvent: (sentence) => void events.push(sentence),
    servingWithinMs: 60_000,
    ...(options.supervision && { supervision: options.supervision }),
  }).catch((error: unknown) => {
    throw new Error(events.join("\n"), { cause: error });
  });
  started.defer(services.stop);
  started.use(endWithUs(services));
  const clients = started.use(connectTo(services));
  const stack = started.move();
  return {
    clients,
    services,
    servers,
    operatorToken: secrets.operatorToken,
    logFolder: join(folder, "logs"),
    events,
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

/** The servers end with this process by themselves; services are told to, also on a signal. */
function endWithUs(services: RunningServices): Disposable {
  const kill = (): void => {
    serviceTable.forEach(({ name }) => services.process(name).signal("SIGKILL"));
  };
  process.once("exit", kill);
  signals.forEach((signal) => process.once(signal, end));
  return {
    [Symbol.dispose]: () => {
      process.off("exit", kill);
      signals.forEach((signal) => process.off(signal, end));
    },
  };
}

const end = (): never => process.exit(130);
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
