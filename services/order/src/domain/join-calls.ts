/** What the idempotency of one call depends on. */
export type KeyedCall = {
  readonly sessionId: string;
  /** Undefined when the call named none: it is then like no other. */
  readonly key: string | undefined;
  readonly requestHash: string;
};

/** Calls of one batch that are one and the same request, and those that reuse its key for another. */
export type JoinedCalls<C extends KeyedCall> = {
  /** Does the work. */
  readonly first: C;
  /** Get the same answer, whatever it is. */
  readonly equal: readonly C[];
  /** Refused when the first is accepted; otherwise their turn comes later. */
  readonly differing: readonly C[];
};

/** Joins the calls of one batch by session and key, in the order of their arrival. */
export function joinCalls<C extends KeyedCall>(calls: readonly C[]): JoinedCalls<C>[] {
  const joined: Joining<C>[] = [];
  const byKey = new Map<string, Joining<C>>();
  for (const call of calls) {
    const name = call.key === undefined ? undefined : keyNameOf(call.sessionId, call.key);
    const known = name === undefined ? undefined : byKey.get(name);
    if (known !== undefined) {
      (known.first.requestHash === call.requestHash ? known.equal : known.differing).push(call);
      continue;
    }
    const group: Joining<C> = { first: call, equal: [], differing: [] };
    joined.push(group);
    if (name !== undefined) {
      byKey.set(name, group);
    }
  }
  return joined;
}

/** One text for a key in its session: a space is in neither of them. */
export function keyNameOf(sessionId: string, key: string): string {
  return `${sessionId} ${key}`;
}

type Joining<C> = { readonly first: C; readonly equal: C[]; readonly differing: C[] };
