import { setTimeout as sleep } from "node:timers/promises";

import type { Databases } from "../witness/databases.ts";

/** Measures from each start of a service until its sagas move: until it has committed work again. */
export type RestartWatch = {
  readonly began: (service: string, at: Date) => void;
  /** Of each restart. Those after which nothing had to move are left out. */
  readonly measurements: () => Promise<readonly Recovery[]>;
};

/** How long a service took from its start until its sagas moved. */
export type Recovery = { readonly service: string; readonly at: string; readonly ms: number };

const withinMs = 20_000;

export function watchRestarts(databases: Databases): RestartWatch {
  const running: Promise<Recovery | undefined>[] = [];
  return {
    began: (service, at) => void running.push(measure(databases, service, at)),
    measurements: async () => (await Promise.all(running)).filter((each) => each !== undefined),
  };
}

async function measure(
  databases: Databases,
  service: string,
  startedAt: Date,
): Promise<Recovery | undefined> {
  const text = firstMoveAfter(service, startedAt.toISOString());
  while (Date.now() - startedAt.getTime() < withinMs) {
    // The database may be away itself.
    const [row] = await databases.rows<{ moved_at: Date | null }>(service, text).catch(() => []);
    if (row?.moved_at) {
      const ms = row.moved_at.getTime() - startedAt.getTime();
      return { service, at: startedAt.toISOString(), ms };
    }
    await sleep(100);
  }
  return undefined;
}

function firstMoveAfter(service: string, after: string): string {
  return service === "payment-provider"
    ? `select min(updated_at) as moved_at from ledger_entry where updated_at > '${after}'`
    : `select min(handled_at) as moved_at from inbox where handled_at > '${after}'`;
}
