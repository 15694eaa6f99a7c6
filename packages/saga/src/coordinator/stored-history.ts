import type { HistoryEntry, StepStatus } from "../transition/saga.ts";

/** One element of the column `history`. */
export type StoredHistoryEntry = {
  readonly step: string;
  readonly status: StepStatus;
  readonly message: string;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly time: string;
};

/** Entries as the column `history` holds them: a JSON text. */
export function historyText(entries: readonly HistoryEntry[]): string {
  let text = "[";
  for (const { step, status, message, attempt, time } of entries) {
    text += text === "[" ? "" : ",";
    text += `{"step":"${step}","status":"${status}","message":${JSON.stringify(message)},`;
    text += `"attempt":${attempt},"time":"${isoOf(time)}"}`;
  }
  return `${text}]`;
}

/** Entries as they were before they were stored. */
export function historyOf(stored: readonly StoredHistoryEntry[]): HistoryEntry[] {
  return stored.map((entry) => ({ ...entry, time: new Date(entry.time) }));
}

/** The sets of a unit of work have one time: its text is kept from one entry to the next. */
let lastMs = Number.NaN;
let lastText = "";

function isoOf(time: Date): string {
  const ms = time.getTime();
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = time.toISOString();
  }
  return lastText;
}
