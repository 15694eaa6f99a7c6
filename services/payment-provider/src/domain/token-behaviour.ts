/** What the provider does with a charge because of its token. */
export type TokenBehaviour = {
  /** What the first charge of a key is recorded as; `by-rate` leaves it to the decline rate. */
  readonly verdict: "charged" | "declined" | "pending" | "by-rate";
  /** When a charge of an unknown key reaches the ledger, and whether it is ever told. */
  readonly delivery: "prompt" | "slow" | "first-answer-lost" | "unreachable";
};

/** How the provider treats this token: the test tokens as their names say, all others by the rate. */
export function behaviourOf(token: string): TokenBehaviour {
  return testTokens.get(token) ?? anyOtherToken;
}

const anyOtherToken: TokenBehaviour = { verdict: "by-rate", delivery: "prompt" };

const testTokens: ReadonlyMap<string, TokenBehaviour> = new Map([
  ["tok_ok", { verdict: "charged", delivery: "prompt" }],
  ["tok_declined", { verdict: "declined", delivery: "prompt" }],
  ["tok_slow", { verdict: "charged", delivery: "slow" }],
  ["tok_timeout_after_charge", { verdict: "charged", delivery: "first-answer-lost" }],
  ["tok_unreachable", { verdict: "charged", delivery: "unreachable" }],
  ["tok_webhook", { verdict: "pending", delivery: "prompt" }],
]);
