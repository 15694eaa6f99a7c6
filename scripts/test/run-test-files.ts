import { runTestFile } from "./run-test-file.ts";
import { addTallies, type Tally } from "./tally.ts";

export type RunTestFilesOptions = {
  /** Relative to the checkout. */
  readonly files: readonly string[];
  readonly atOnce: number;
  readonly checkout: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
};

/** Runs test files, some at once, and prints a line for each; of one that failed, all that it wrote. */
export async function runTestFiles(options: RunTestFilesOptions): Promise<Tally> {
  const waiting = [...options.files];
  const tallies: Tally[] = [];
  await Promise.all(Array.from({ length: options.atOnce }, runInTurn));
  return addTallies(tallies);

  async function runInTurn(): Promise<void> {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const startedAt = performance.now();
      // oxlint-disable-next-line no-await-in-loop
      const result = await runTestFile({ ...options, file, withinMs: limitOf(file) });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
      const hasFailed = result.failures.length > 0;
      if (hasFailed) {
        console.log(indent(result.output));
      }
      const tests = `${result.passed + result.skipped} tests`;
      console.log(`${seconds} s ${hasFailed ? "FAILED" : "ok"}  ${file} (${tests})`);
      tallies.push(result);
    }
  }
}

function limitOf(file: string): number {
  if (file.endsWith(".unit.test.ts")) {
    return 60_000;
  }
  return file.endsWith(".e2e.test.ts") ? 240_000 : 120_000;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "        | ");
}
