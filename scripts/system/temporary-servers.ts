import { join } from "node:path";

import {
  type LocalNats,
  type LocalPostgres,
  startNats,
  startPostgres,
} from "@ordersaga/local-servers";
import { startTcpProxy, type TcpProxy } from "@ordersaga/testkit";

import type { Secrets } from "./secrets.ts";
import { serviceTable } from "./service-table.ts";

/** A database server and a broker that tests may kill, restart, wipe and cut off. */
export type TemporaryServers = AsyncDisposable & {
  readonly postgres: LocalPostgres;
  readonly nats: LocalNats;
  /** What services connect to, by their names: straight, or through their cables. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly natsUrls: Readonly<Record<string, string>>;
  /** What an examiner connects to, by the service's name. */
  readonly directDatabaseUrls: Readonly<Record<string, string>>;
  /** Cable of a service, such as `order/postgres` or `payment/nats`; empty unless asked for. */
  readonly cables: ReadonlyMap<string, TcpProxy>;
};

/** Starts both in a folder; with `withCables` each service reaches them through proxies of its own. */
export async function startTemporaryServers(options: {
  readonly folder: string;
  readonly secrets: Secrets;
  readonly withCables: boolean;
}): Promise<TemporaryServers> {
  const { folder, secrets } = options;
  await using started = new AsyncDisposableStack();
  const postgres = await startPostgres({ dataDir: join(folder, "postgres"), port: 0 });
  started.defer(postgres.stop);
  const nats = await startNats({ dataDir: join(folder, "nats"), port: 0 });
  started.defer(nats.stop);
  const cables = new Map<string, TcpProxy>();
  const directDatabaseUrls: Record<string, string> = {};
  const databaseUrls: Record<string, string> = {};
  const natsUrls: Record<string, string> = {};

  /** The address of a server as this service is told it. */
  const reach = async (name: string, url: string, targetPort: number): Promise<string> => {
    if (!options.withCables) {
      return url;
    }
    const cable = started.use(await startTcpProxy({ targetPort }));
    cables.set(name, cable);
    return url.replace(`:${targetPort}`, `:${cable.port}`);
  };
  for (const { name, role, database } of serviceTable) {
    const password = secrets.passwords[role] ?? "";
    // One after the other: CREATE DATABASE locks its template.
    const { url } = await postgres.createRoleAndDatabase({ role, database, password });
    directDatabaseUrls[name] = url;
    databaseUrls[name] = await reach(`${name}/postgres`, url, postgres.port);
    natsUrls[name] = await reach(`${name}/nats`, nats.url, nats.port);
  }
  const stack = started.move();
  return {
    postgres,
    nats,
    databaseUrls,
    natsUrls,
    directDatabaseUrls,
    cables,
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}
