/** `npm run reset`: deletes all data of this checkout's system, so that the next start begins anew. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { dataRoot, stopLeftoverServers, whoUsesData } from "@ordersaga/local-servers";

import { findRunningSystem } from "./system/running-system.ts";

const root = dataRoot(join(import.meta.dirname, ".."));
const user = findRunningSystem()?.pid ?? whoUsesData(root);
if (user === undefined) {
  await reset();
} else {
  console.error(
    `The system runs, as process ${user}, and needs its data. Stop it first: Ctrl-C, or kill ${user}`,
  );
  process.exitCode = 1;
}

async function reset(): Promise<void> {
  await stopLeftoverServers(root);
  const folders = [root.postgres, root.folder].filter((folder) => existsSync(folder));
  try {
    folders.forEach((folder) => rmSync(folder, { recursive: true }));
    console.log(folders.length === 0 ? "There are no data." : `Deleted ${folders.join(" and ")}.`);
  } catch (error) {
    console.error(`Some data could not be deleted: ${String(error)}. Are they another user's?`);
    process.exitCode = 1;
  }
}
