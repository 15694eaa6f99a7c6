import { Client } from "pg";

/**
 * Describes the connections to a database that stay open. Those that are just being closed get
 * `withinMs` (two seconds unless given) to go away.
 */
export async function connectionsTo(options: {
  readonly adminUrl: string;
  readonly database: string;
  readonly withinMs?: number;
}): Promise<readonly string[]> {
  const client = new Client({ connectionString: options.adminUrl });
  await client.connect();
  try {
    const deadline = performance.now() + (options.withinMs ?? 2000);
    for (;;) {
      const found = await client.query<{ readonly description: string }>(query, [options.database]);
      if (found.rows.length === 0 || performance.now() > deadline) {
        return found.rows.map(({ description }) => description);
      }
      await client.query("SELECT pg_sleep(0.05)");
    }
  } finally {
    await client.end();
  }
}

const query = `
  SELECT format('%s %s, last query: %s',
    coalesce(nullif(application_name, ''), 'unnamed'), state, left(query, 120)) AS description
  FROM pg_stat_activity
  WHERE datname = $1 AND backend_type = 'client backend'`;
