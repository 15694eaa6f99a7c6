import { isPortTaken } from "@ordersaga/local-servers";

import { findRunningSystem } from "../system/running-system.ts";

/** Throws an Error that says clearly what already runs, or which port is taken, before anything starts. */
export async function refuseIfTaken(ports: Readonly<Record<string, number>>): Promise<void> {
  const running = findRunningSystem();
  if (running !== undefined) {
    throw new Error(
      `it already runs from this checkout, as process ${running.pid} since ${running.startedAt}.\n` +
        `Use it (npm run demo), or stop it with Ctrl-C in its terminal or: kill ${running.pid}`,
    );
  }
  const rows = Object.entries(ports);
  const isTaken = await Promise.all(rows.map(async ([, port]) => await isPortTaken(port)));
  const taken = rows.filter((_, index) => isTaken[index] === true);
  if (taken.length > 0) {
    const list = taken.map(([name, port]) => `${port} (${name})`).join(", ");
    throw new Error(
      `another program listens on port ${list}.\n` +
        `Stop it ("lsof -i :${taken[0]?.[1]}" shows who it is), ` +
        `or take other ports: PORT_BASE=4000 npm start`,
    );
  }
}
