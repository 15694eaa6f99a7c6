/**
 * Whether a subject is one of those that a pattern means: `*` stands for one token, `>` at the end for one
 * or more. Source: the NATS documentation, "Subject-Based Messaging".
 */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject) {
    return true;
  }
  const wanted = pattern.split(".");
  const given = subject.split(".");
  const last = wanted.length - 1;
  if (wanted[last] === ">") {
    return given.length > last && tokensMatch(wanted.slice(0, last), given);
  }
  return wanted.length === given.length && tokensMatch(wanted, given);
}

function tokensMatch(wanted: readonly string[], given: readonly string[]): boolean {
  return wanted.every((token, index) => token === "*" || token === given[index]);
}
