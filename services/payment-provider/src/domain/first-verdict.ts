import { hash } from "node:crypto";

import { behaviourOf } from "./token-behaviour.ts";

/** How the first charge of a key is recorded. */
export type Verdict =
  | { readonly status: "CHARGED" }
  | { readonly status: "DECLINED"; readonly declineCode: string }
  | { readonly status: "PENDING" };

/**
 * Decides the first charge of a key. It depends on nothing but the arguments, so that a run can be
 * repeated: whether a key falls under the decline rate is read from a digest of the key.
 */
export function firstVerdict(options: {
  readonly key: string;
  readonly token: string;
  /** Share of keys that are declined, from 0 to 1; test tokens do not heed it. */
  readonly declineRate: number;
}): Verdict {
  const { key, token, declineRate } = options;
  const { verdict } = behaviourOf(token);
  if (verdict !== "by-rate") {
    return verdicts[verdict];
  }
  return fractionOf(key) < declineRate ? verdicts.declined : verdicts.charged;
}

const verdicts = {
  charged: { status: "CHARGED" },
  declined: { status: "DECLINED", declineCode: "insufficient_funds" },
  pending: { status: "PENDING" },
} as const satisfies Record<string, Verdict>;

/** A number in [0, 1) that is spread evenly over keys and always the same for one key. */
function fractionOf(key: string): number {
  return Number.parseInt(hash("sha256", key, "hex").slice(0, 8), 16) / 2 ** 32;
}
