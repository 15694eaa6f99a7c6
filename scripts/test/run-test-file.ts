import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestResult } from "./report-results.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";
import type { Tally } from "./tally.ts";

export type RunTestFileOptions = {
  /** Relative to the checkout. */
  readonly file: string;
  readonly checkout: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly withinMs: number;
  readonly signal: AbortSignal;
};

export type FileResult = Tally & {
  /** For people: what the tests and the code under test wrote. */
  readonly output: string;
};

/**
 * Runs the tests of one file in a process of its own. The file fails, besides by its tests, when it has
 * none, when it does not end by itself in its time (something was left open), and when it leaves processes
 * behind.
 */
export async function runTestFile(options: RunTestFileOptions): Promise<FileResult> {
  const { file, checkout, environment, withinMs, signal } = options;
  const results = join(tmpdir(), `ordersaga-results-${process.pid}-${++filesSoFar}.jsonl`);
  try {
    const ended = await runProgram({
      file: process.execPath,
      args: [
        `--test-reporter=${join(import.meta.dirname, "report-results.ts")}`,
        `--test-reporter-destination=${results}`,
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        file,
      ],
      folder: checkout,
      environment,
      withinMs,
      signal,
    });
    return tallyOf({ file, ended, withinMs, tests: readResults(results) });
  } finally {
    rmSync(results, { force: true });
  }
}

let filesSoFar = 0;

/** A file that was killed in the middle of a line has a broken last line. */
function readResults(path: string): readonly TestResult[] {
  try {
    const complete = readFileSync(path, "utf8").split("\n").slice(0, -1);
    return complete.map((line) => JSON.parse(line) as TestResult);
  } catch {
    return [];
  }
}

function tallyOf(options: {
  readonly file: string;
  readonly ended: ProgramResult;
  readonly withinMs: number;
  readonly tests: readonly TestResult[];
}): FileResult {
  const { file, ended, tests } = options;
  const having = (outcome: TestResult["outcome"]): readonly TestResult[] =>
    tests.filter((test) => test.outcome === outcome);
  const failures = having("failed").map(({ name }) => `${file}: ${name}`);
  const mistake = mistakeOf({ ...options, hasFailures: failures.length > 0 });
  return {
    passed: having("passed").length,
    skipped: having("skipped").length,
    failures: mistake === undefined ? failures : [...failures, `${file}: ${mistake}`],
    output: ended.output,
  };
}

function mistakeOf(options: {
  readonly ended: ProgramResult;
  readonly withinMs: number;
  readonly tests: readonly TestResult[];
  readonly hasFailures: boolean;
}): string | undefined {
  const { ended, tests } = options;
  if (ended.isLate) {
    return `was killed after ${options.withinMs / 1000} s: a test hangs, or something was left open`;
  }
  if (ended.leftProcesses) {
    return "left processes behind";
  }
  if (ended.status !== 0 && !options.hasFailures) {
    return `ended with exit code ${ended.status ?? "of a killed process"}`;
  }
  return tests.length === 0 ? "has no tests" : undefined;
}
