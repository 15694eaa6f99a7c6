import { invalidArgument } from "@ordersaga/kernel";
import type { CallContext } from "@ordersaga/rpc";

/**
 * The one session that a call works in. Throws INVALID_ARGUMENT when an operator's call names all of
 * them: only lists and statistics look across sessions.
 */
export function oneSession({ sessionId }: CallContext): string {
  if (sessionId === "*") {
    throw invalidArgument({
      field: "x-session-id",
      description: "must name one session: only lists and statistics take *",
    });
  }
  return sessionId;
}

/** The session that a list is limited to; undefined for an operator who looks across all of them. */
export function anySession({ sessionId }: CallContext): string | undefined {
  return sessionId === "*" ? undefined : sessionId;
}

/** What every session looks like; for keys of pages that went through a client's hands. */
export const sessionPattern = /^[A-Za-z0-9._-]{1,64}$/;
