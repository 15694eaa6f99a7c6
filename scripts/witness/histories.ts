import type { Databases } from "./databases.ts";
import { type Finding, noCaseOf } from "./finding.ts";

/**
 * Invariants I8 and I10 to I12, read from each saga's history: one decision and no other, nothing undone
 * after it was for the order, an end that fits it.
 */
export async function checkHistories(databases: Databases): Promise<readonly Finding[]> {
  const sagas = await databases.rows<HistoryRow>("order", selectHistories);
  const cases = sagas.flatMap(({ id, decision, status, history }) => {
    const decisions = history.filter(isDecision);
    const wrong = [
      decisions.length !== 1 && `${decisions.length} decisions`,
      decision === "CONFIRMED" && history.some((entry) => entry.status === "UNDONE") && "undone",
      (decisions[0]?.status === "SUCCEEDED") !== (decision === "CONFIRMED") && "decided otherwise",
      (status === "COMPLETED") !== (decision === "CONFIRMED") && `ended ${status}`,
      history.some(({ time }, index) => time < (history[index - 1]?.time ?? "")) && "out of order",
    ].filter((text) => text !== false);
    return wrong.length === 0 ? [] : [`${id} ${decision}: ${wrong.join(", ")}: ${told(history)}`];
  });
  return [noCaseOf("every saga was decided once, and ended so", cases, `${sagas.length} sagas`)];
}

type Entry = { readonly step: string; readonly status: string; readonly time: string };
type HistoryRow = {
  readonly id: string;
  readonly decision: string | null;
  readonly status: string;
  readonly history: readonly Entry[];
};

function isDecision({ step, status }: Entry): boolean {
  return status === "ABORTED" || (step === "confirm-order" && status === "SUCCEEDED");
}

function told(history: readonly Entry[]): string {
  return history.map(({ step, status, time }) => `${time.slice(17)} ${step} ${status}`).join(", ");
}

const selectHistories = "select saga_id::text as id, decision, status, history from saga";
