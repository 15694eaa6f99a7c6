import { startTemporarySystem } from "../system/temporary-system.ts";
import { keepLogs } from "../system/keep-logs.ts";
import { examine } from "../witness/examine.ts";
import { type Finding, violationsOf } from "../witness/finding.ts";
import type { Cell } from "./cells.ts";
import { type CellResult, runCell } from "./run-cell.ts";
import { shortLimits } from "./settings.ts";

/** What a run of cells came to. */
export type MatrixResult = {
  readonly cells: readonly CellResult[];
  /** Of everything that all cells left in the databases and at the broker. */
  readonly findings: readonly Finding[];
};

/** Runs cells one after the other in one system of their own, then examines all that they left. */
export async function runMatrix(
  cells: readonly Cell[],
  onResult: (result: CellResult) => void,
): Promise<MatrixResult> {
  await using system = await startTemporarySystem({
    settings: shortLimits,
    supervision: { restartAfterMs: 100, isKilledOnPurpose: true },
  });
  const results: CellResult[] = [];
  for (const cell of cells) {
    const result = await runCell(system, cell);
    results.push(result);
    onResult(result);
  }
  const findings = await examine(system.servers, { withinMs: 15_000 });
  if (results.some(({ wrong }) => wrong.length > 0) || violationsOf(findings).length > 0) {
    keepLogs(system, "crash-matrix");
  }
  return { cells: results, findings };
}
