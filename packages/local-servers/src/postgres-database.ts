import { Client, escapeIdentifier, escapeLiteral } from "pg";

export type NewDatabase = {
  readonly role: string;
  readonly password: string;
  readonly database: string;
};

/**
 * Makes a role that can log in and a database that belongs to it and that no other role can enter. What
 * is there already stays; the password is set to the given one. Resolves with the URL for the role.
 */
export async function createRoleAndDatabase(
  adminUrl: string,
  options: NewDatabase,
): Promise<{ readonly url: string }> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const role = escapeIdentifier(options.role);
    const database = escapeIdentifier(options.database);
    const password = escapeLiteral(options.password);
    const roles = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [options.role]);
    const verb = roles.rowCount === 0 ? "CREATE" : "ALTER";
    await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${password}`);
    const databases = await client.query("SELECT FROM pg_database WHERE datname = $1", [
      options.database,
    ]);
    if (databases.rowCount === 0) {
      await client.query(`CREATE DATABASE ${database} OWNER ${role}`);
    }
    await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(options.role);
  url.password = encodeURIComponent(options.password);
  url.pathname = `/${encodeURIComponent(options.database)}`;
  return { url: url.href };
}
