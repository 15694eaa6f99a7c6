/** One thing that must hold when every saga has ended, and whether it does. */
export type Finding = {
  readonly claim: string;
  readonly isTrue: boolean;
  /** What was seen: figures, or the first cases that speak against the claim. */
  readonly seen: string;
};

/** A claim that no case speaks against. */
export function noCaseOf(claim: string, cases: readonly string[], looked: string): Finding {
  const first = cases.slice(0, 5).join("; ");
  const more = cases.length > 5 ? ` and ${cases.length - 5} more` : "";
  return {
    claim,
    isTrue: cases.length === 0,
    seen: cases.length === 0 ? looked : `${first}${more} (${looked})`,
  };
}

/** The findings that do not hold, a line each. */
export function violationsOf(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ isTrue }) => !isTrue).map(({ claim, seen }) => `${claim}: ${seen}`);
}
