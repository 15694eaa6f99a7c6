import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { serviceTable } from "./service-table.ts";

/** Secrets of this checkout, made once and kept: operators' token and a password for each role. */
export type Secrets = {
  readonly operatorToken: string;
  readonly passwords: Readonly<Record<string, string>>;
};

/** Reads the secrets kept in a folder, or makes them at the first start. */
export function readSecrets(folder: string): Secrets {
  const file = join(folder, "secrets.json");
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, "utf8")) as Secrets;
  }
  const secrets = {
    operatorToken: secret(),
    passwords: Object.fromEntries(serviceTable.map(({ role }) => [role, secret()])),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

function secret(): string {
  return randomBytes(18).toString("base64url");
}
