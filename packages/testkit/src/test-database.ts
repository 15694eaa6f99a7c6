import { createHash, randomBytes } from "node:crypto";

import { Client } from "pg";

import { connectionsTo } from "./connection-leaks.ts";
import { fingerprint, migrate, type Schema } from "./mikro-template.ts";
import { cloneDatabase, dropDatabase, ensureTemplate } from "./template-database.ts";
import { testServers } from "./test-servers.ts";

/** A database of its own for one test file, with its tables, empty. */
export type TestDatabase = AsyncDisposable & {
  /** Of a role that is no superuser and that the database belongs to. */
  readonly url: string;
  readonly name: string;
  /** Runs one statement on a connection of its own, beside the pool under test. */
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
};

export type TestDatabaseOptions = {
  /** Shows up in the database's name; lower-case letters, digits and underscores. */
  readonly name: string;
} & (TablesFromSql | Schema);

type TablesFromSql = {
  /** DDL that makes the tables. */
  readonly sql: string;
};

/**
 * Makes a database for one test file. The tables are made once per run, by the DDL or by MikroORM's
 * migrations, in a template, and cloned. Disposing of it drops it, and throws when connections to it are still open: close pools first.
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const { postgresUrl } = await testServers();
  const { hash, fill } = await tablesOf(postgresUrl, options);
  const template = `template_${options.name}_${hash.slice(0, 12)}`;
  await ensureTemplate({ adminUrl: postgresUrl, template, fill });
  const name = `test_${options.name}_${randomBytes(6).toString("hex")}`;
  const url = await cloneDatabase({ adminUrl: postgresUrl, template, name });
  return {
    url,
    name,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      await withClient(url, async (client) => {
        const result = await client.query({ text, values: [...values] });
        return result.rows as Row[];
      }),
    [Symbol.asyncDispose]: async () => {
      const leaks = await connectionsTo({ adminUrl: postgresUrl, database: name });
      await dropDatabase({ adminUrl: postgresUrl, name });
      if (leaks.length > 0) {
        throw new Error(
          `${leaks.length} connections to ${name} are still open; close pools before the database is ` +
            `disposed of (\`after\` hooks run in the order they were added):\n  ${leaks.join("\n  ")}`,
        );
      }
    },
  };
}

type Tables = { readonly hash: string; readonly fill: (url: string) => Promise<unknown> };

async function tablesOf(adminUrl: string, options: TestDatabaseOptions): Promise<Tables> {
  if ("sql" in options) {
    const { sql } = options;
    return {
      hash: createHash("sha256").update(sql).digest("hex"),
      fill: async (url) => await withClient(url, async (client) => await client.query(sql)),
    };
  }
  return {
    hash: await fingerprint(adminUrl, options),
    fill: async (url) => await migrate(url, options),
  };
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: "testkit" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
