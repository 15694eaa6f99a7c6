import type { CallContext } from "@ordersaga/rpc";

/** The session that a call reads; undefined for an operator who looks across all of them. */
export function anySession({ sessionId }: CallContext): string | undefined {
  return sessionId === "*" ? undefined : sessionId;
}

/** What every session looks like; for keys of pages that went through a client's hands. */
export const sessionPattern = /^[A-Za-z0-9._-]{1,64}$/;
