/** Settings of a PostgreSQL server by name, as in `postgresql.conf`. */
export type PostgresSettings = Readonly<Record<string, string>>;

/**
 * For a machine that somebody develops on: two cores and some gigabytes are enough. What was answered as
 * committed is on the disk.
 */
export const developmentSettings: PostgresSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  fsync: "on",
  // One call for the whole disk instead of one for each of a thousand files.
  ...(process.platform === "linux" ? { recovery_init_sync_method: "syncfs" } : {}),
  synchronous_commit: "on",
  full_page_writes: "on",
  max_wal_size: "4GB",
  min_wal_size: "256MB",
  wal_buffers: "16MB",
  checkpoint_timeout: "15min",
  random_page_cost: "1.1",
  jit: "off",
  // What each statement costs, for whoever wants to know: CREATE EXTENSION pg_stat_statements.
  shared_preload_libraries: "pg_stat_statements",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] %d ",
};

/** How `initdb` writes the first files out: as durably as the settings ask for. */
export function initdbSyncArgument(settings: PostgresSettings): string {
  if (settings["fsync"] === "off") {
    return "--no-sync";
  }
  return process.platform === "linux" ? "--sync-method=syncfs" : "--sync-method=fsync";
}

/** The settings as arguments of the `postgres` program. */
export function settingsArguments(settings: PostgresSettings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
