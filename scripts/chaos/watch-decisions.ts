import { setTimeout as sleep } from "node:timers/promises";

import type { Databases } from "../witness/databases.ts";
import { type Finding, noCaseOf } from "../witness/finding.ts";

/** Looks at all decisions again and again: one that was seen must never change (invariant I8). */
export type DecisionWatch = {
  /** Looks a last time. */
  readonly end: () => Promise<Finding>;
};

const everyMs = 1000;

export function watchDecisions(databases: Databases): DecisionWatch {
  const seen = new Map<string, string>();
  const changes: string[] = [];
  let looks = 0;
  const stopping = new AbortController();

  const look = async (): Promise<void> => {
    const rows = await databases.rows<{ id: string; decision: string }>("order", selectDecisions);
    looks += 1;
    const now = new Map(rows.map(({ id, decision }) => [id, decision]));
    for (const [id, decision] of seen) {
      if (now.get(id) !== decision) {
        changes.push(`${id}: ${decision}, then ${now.get(id) ?? "nothing"}`);
      }
    }
    now.forEach((decision, id) => seen.set(id, decision));
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    end: async () => {
      stopping.abort();
      await watching;
      await look();
      return noCaseOf(
        "no decision that was seen changed or vanished",
        changes,
        `${seen.size} decisions, ${looks} looks`,
      );
    },
  };
}

const selectDecisions = "select saga_id::text as id, decision from saga where decision is not null";
