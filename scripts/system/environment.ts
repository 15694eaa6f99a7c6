import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ServiceRow } from "./service-table.ts";

/** What the environment of every service is made of. */
export type Surroundings = {
  /** Connection string of each service, by its name. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly natsUrl: string;
  readonly operatorToken: string;
  /** Port of each service, by its name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Settings for every service besides: short time limits in a test, say. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Broker's address of a service that has one of its own: the near end of a cable, say. */
  readonly natsUrls?: Readonly<Record<string, string>>;
};

/** The environment of one service. */
export function environmentOf(
  row: ServiceRow,
  around: Surroundings,
): Readonly<Record<string, string>> {
  return {
    PORT: String(around.ports[row.name]),
    DATABASE_URL: around.databaseUrls[row.name] ?? "",
    NATS_URL: around.natsUrls?.[row.name] ?? around.natsUrl,
    OPERATOR_TOKEN: around.operatorToken,
    INVENTORY_URL: addressOf("inventory", around.ports),
    PAYMENT_PROVIDER_URL: addressOf("payment-provider", around.ports),
    ...around.settings,
  };
}

/** Base URL of a service as its neighbours and its clients on this machine call it. */
export function addressOf(name: string, ports: Readonly<Record<string, number>>): string {
  return `http://localhost:${ports[name]}`;
}

/**
 * Writes an environment to `<folder>/env/<service>.env`, which `npm start -w services/<service>` reads:
 * so a service that was stopped can be started by hand.
 */
export function writeEnvironment(
  row: ServiceRow,
  options: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
): void {
  const lines = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`);
  mkdirSync(join(options.folder, "env"), { recursive: true });
  writeFileSync(join(options.folder, "env", `${row.name}.env`), `${lines.join("\n")}\n`, {
    mode: 0o600,
  });
}
