import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startNats, startPostgres } from "@ordersaga/local-servers";
import { testSettings } from "@ordersaga/testkit";

/** The servers of a run. Disposing of them stops them and deletes their data. */
export type RunningTestServers = AsyncDisposable & {
  /** Ours, with the servers' addresses for the testkit, without those of anybody else's servers. */
  readonly environment: NodeJS.ProcessEnv;
};

/** Starts a PostgreSQL and a nats-server on free ports, with data in a temporary folder. */
export async function startTestServers(options: {
  readonly progress: (line: string) => void;
}): Promise<RunningTestServers> {
  const { progress } = options;
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-test-run-"));
  await using cleanups = new AsyncDisposableStack();
  cleanups.defer(() => rmSync(folder, { recursive: true, force: true }));
  // As root, PostgreSQL runs as a user that has to get in.
  chmodSync(folder, 0o755);
  progress("starting PostgreSQL and nats-server");
  const postgres = await startPostgres({
    dataDir: join(folder, "postgres"),
    port: 0,
    settings: testSettings,
    progress,
  });
  cleanups.defer(postgres.stop);
  const nats = await startNats({ dataDir: join(folder, "nats"), port: 0, progress });
  cleanups.defer(nats.stop);
  const kept = cleanups.move();
  return {
    environment: {
      ...process.env,
      DATABASE_URL: undefined,
      NATS_URL: undefined,
      FAILPOINTS: undefined,
      ORDERSAGA_TEST_POSTGRES_URL: postgres.adminUrl,
      ORDERSAGA_TEST_NATS_URL: nats.url,
    },
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}
