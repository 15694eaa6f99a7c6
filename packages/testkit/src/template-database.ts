import { createRoleAndDatabase } from "@ordersaga/local-servers";
import { Client, escapeIdentifier } from "pg";

const role = { role: "ordersaga_test", password: "ordersaga_test" } as const;

/**
 * Makes sure that a template database exists. Among test files that need it at the same moment, one fills
 * it while the others wait; one that fails halfway leaves nothing behind that is taken for it.
 */
export async function ensureTemplate(options: {
  readonly adminUrl: string;
  readonly template: string;
  readonly fill: (url: string) => Promise<unknown>;
}): Promise<void> {
  const { adminUrl, template } = options;
  const half = `${template}_half`;
  await asAdmin(adminUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtext('ordersaga templates'))");
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [template]);
    if (found.rowCount === 0) {
      await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(half)} WITH (FORCE)`);
      const { url } = await createRoleAndDatabase(adminUrl, { ...role, database: half });
      await options.fill(url);
      await client.query(
        `ALTER DATABASE ${escapeIdentifier(half)} RENAME TO ${escapeIdentifier(template)}`,
      );
    }
  });
}

/** Makes a database that equals the template; resolves with its URL. */
export async function cloneDatabase(options: {
  readonly adminUrl: string;
  readonly template: string;
  readonly name: string;
}): Promise<string> {
  const { adminUrl, template, name } = options;
  await asAdmin(adminUrl, async (client) => {
    await client.query(
      `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(template)}
       OWNER ${escapeIdentifier(role.role)}`,
    );
  });
  const url = new URL(adminUrl);
  url.username = role.role;
  url.password = role.password;
  url.pathname = `/${name}`;
  return url.href;
}

/** Drops a database, and cuts whoever is still connected to it. */
export async function dropDatabase(options: {
  readonly adminUrl: string;
  readonly name: string;
}): Promise<void> {
  await asAdmin(options.adminUrl, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(options.name)} WITH (FORCE)`);
  });
}

async function asAdmin(adminUrl: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: adminUrl, application_name: "testkit" });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
