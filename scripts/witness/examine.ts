import { setTimeout as sleep } from "node:timers/promises";

import type { TemporaryServers } from "../system/temporary-servers.ts";
import { openDatabases } from "./databases.ts";
import { type Finding, violationsOf } from "./finding.ts";
import { checkHistories } from "./histories.ts";
import { compareLedgers } from "./ledgers.ts";
import { checkMessages } from "./messages.ts";
import { checkStockRows } from "./stock.ts";

/**
 * Examines a system whose sagas have all ended, from its databases and its broker alone. The last messages
 * may still be on their way when the last saga ends: what does not hold yet is looked at again for a while.
 */
export async function examine(
  servers: Pick<TemporaryServers, "directDatabaseUrls" | "nats">,
  options: {
    readonly withinMs: number;
    readonly began?: Parameters<typeof checkStockRows>[1];
  },
): Promise<readonly Finding[]> {
  await using databases = openDatabases(servers.directDatabaseUrls);
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    const findings = [
      ...(await compareLedgers(databases)),
      ...(await checkStockRows(databases, options.began)),
      ...(await checkHistories(databases)),
      ...(await checkMessages(databases, servers.nats.url)),
    ];
    if (violationsOf(findings).length === 0 || performance.now() > deadline) {
      return findings;
    }
    await sleep(250);
  }
}
