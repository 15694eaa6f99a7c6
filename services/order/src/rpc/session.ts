import { AppError, invalidArgument } from "@ordersaga/kernel";
import type { CallContext } from "@ordersaga/rpc";

/** The session that an operator names to look across all of them. */
const everySession = "*";

/** The session to read from; undefined for an operator who looks across all. */
export function readableSessionOf({ sessionId }: CallContext): string | undefined {
  return sessionId === everySession ? undefined : sessionId;
}

/** The one session to change; across sessions nothing can be changed. */
export function oneSessionOf({ sessionId }: CallContext): string {
  if (sessionId === everySession) {
    const description = "this call changes one session: * only reads";
    throw invalidArgument({ field: "x-session-id", description });
  }
  return sessionId;
}

/** Refuses a call that does not carry the operator's token. */
export function requireOperator({ isOperator }: CallContext): void {
  if (!isOperator) {
    throw new AppError({
      code: "PERMISSION_DENIED",
      message: "this call needs the operator's bearer token",
      reason: "OPERATOR_ONLY",
    });
  }
}
