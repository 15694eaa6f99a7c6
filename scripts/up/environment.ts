import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type ServiceRow, serviceTable } from "./service-table.ts";

/** Secrets of this checkout, made once and kept: operators' token and a password for each role. */
export type Secrets = {
  readonly operatorToken: string;
  readonly passwords: Readonly<Record<string, string>>;
};

/** Reads the secrets of this checkout, or makes them at the first start. */
export function readSecrets(folder: string): Secrets {
  const file = join(folder, "secrets.json");
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, "utf8")) as Secrets;
  }
  const secret = (): string => randomBytes(18).toString("base64url");
  const secrets = {
    operatorToken: secret(),
    passwords: Object.fromEntries(serviceTable.map(({ role }) => [role, secret()])),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/**
 * The environment of one service. It is also written to `<folder>/env/<service>.env`, which
 * `npm start -w services/<service>` reads: so a service that was killed can be started by hand.
 */
export function environmentOf(
  row: ServiceRow,
  system: {
    readonly folder: string;
    readonly databaseUrl: string;
    readonly natsUrl: string;
    readonly operatorToken: string;
  },
): Readonly<Record<string, string>> {
  const environment = {
    PORT: String(row.port),
    DATABASE_URL: system.databaseUrl,
    NATS_URL: system.natsUrl,
    OPERATOR_TOKEN: system.operatorToken,
    INVENTORY_URL: addressOf("inventory"),
    PAYMENT_PROVIDER_URL: addressOf("payment-provider"),
  };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  mkdirSync(join(system.folder, "env"), { recursive: true });
  writeFileSync(join(system.folder, "env", `${row.name}.env`), `${lines.join("\n")}\n`, {
    mode: 0o600,
  });
  return environment;
}

/** Base URL of a service as its neighbours and its clients on this machine call it. */
export function addressOf(name: string): string {
  const row = serviceTable.find((candidate) => candidate.name === name);
  return `http://localhost:${row?.port}`;
}
