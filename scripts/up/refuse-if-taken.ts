import { isPortTaken } from "@ordersaga/local-servers";

import { findRunningSystem } from "../system/running-system.ts";
import { serviceTable } from "../system/service-table.ts";

/** Throws an Error that says clearly what already runs, or which port is taken, before anything starts. */
export async function refuseIfTaken(): Promise<void> {
  const running = findRunningSystem();
  if (running !== undefined) {
    throw new Error(
      `it already runs from this checkout, as process ${running.pid} since ${running.startedAt}.\n` +
        `Use it (npm run demo), or stop it with Ctrl-C in its terminal or: kill ${running.pid}`,
    );
  }
  const isTaken = await Promise.all(serviceTable.map(async ({ port }) => await isPortTaken(port)));
  const taken = serviceTable.filter((_, index) => isTaken[index] === true);
  if (taken.length > 0) {
    const ports = taken.map(({ name, port }) => `${port} (${name})`).join(", ");
    throw new Error(
      `another program listens on port ${ports}.\n` +
        `Stop it; "lsof -i :${taken[0]?.port}" shows who it is.`,
    );
  }
}
