import type { PostgresSettings } from "@ordersaga/local-servers";

/**
 * Of the PostgreSQL that tests share: its data need not outlive the machine. A killed server recovers all
 * the same, because the operating system keeps what was written.
 */
export const testSettings: PostgresSettings = {
  fsync: "off",
  max_connections: "400",
  shared_buffers: "128MB",
};
