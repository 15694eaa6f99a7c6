import { AppError } from "@ordersaga/kernel";

/** What the handlers need to know of a call; rpc's call context has it. */
export type DeadLetterCall = {
  readonly isOperator: boolean;
  /** Empty or `*`: all sessions. */
  readonly sessionId: string;
  /** Aborted when the caller went away. */
  readonly signal?: AbortSignal;
};

/** Refuses whoever is no operator. */
export function checkOperator({ isOperator }: DeadLetterCall): void {
  if (!isOperator) {
    throw new AppError({
      code: "PERMISSION_DENIED",
      message: "dead letters are for operators: send the operator's bearer token",
      reason: "OPERATOR_ONLY",
    });
  }
}

/** Empty for all sessions. */
export function sessionOf({ sessionId }: DeadLetterCall): string {
  return sessionId === "*" ? "" : sessionId;
}
