/** What came out of a run, or of a part of it. */
export type Tally = {
  readonly passed: number;
  readonly skipped: number;
  /** One line for each test, file or check that failed. */
  readonly failures: readonly string[];
};

export const noTests: Tally = { passed: 0, skipped: 0, failures: [] };

export function addTallies(parts: readonly Tally[]): Tally {
  return {
    passed: parts.reduce((sum, { passed }) => sum + passed, 0),
    skipped: parts.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

/** The last line of a run. Checks that failed count among the failed. */
export function describeTally({ passed, failures, skipped }: Tally): string {
  return `${passed} passed, ${failures.length} failed, ${skipped} skipped`;
}
