import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the background process that keeps servers for tests has its socket, its log and their data. */
export type KeeperFolder = {
  readonly folder: string;
  readonly socket: string;
  readonly log: string;
};

/** One folder for each user and checkout; made when missing. */
export function keeperFolder(): KeeperFolder {
  const uid = process.getuid?.() ?? 0;
  const checkout = createHash("sha256")
    .update(import.meta.dirname)
    .digest("hex")
    .slice(0, 8);
  const folder = join(tmpdir(), `ordersaga-test-${uid}-${checkout}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (statSync(folder).uid !== uid) {
    throw new Error(`${folder} belongs to another user: delete it`);
  }
  return { folder, socket: join(folder, "keeper.sock"), log: join(folder, "keeper.log") };
}
