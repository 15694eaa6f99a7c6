import { createHash, timingSafeEqual } from "node:crypto";

import { AppError, invalidArgument } from "@ordersaga/kernel";

/** Who calls, as far as headers say. */
export type Admission = { readonly sessionId: string; readonly isOperator: boolean };

export type Admit = (call: {
  readonly needsSession: boolean;
  /** Value of `x-session-id`. */
  readonly session: string | undefined;
  /** Value of `authorization`. */
  readonly authorization: string | undefined;
}) => Admission;

/**
 * Makes the doorkeeper of a server. It throws INVALID_ARGUMENT for a missing or malformed session,
 * UNAUTHENTICATED for a bearer token that is not the operator's, and PERMISSION_DENIED when somebody
 * else than the operator asks for every session (`*`).
 */
export function createAdmit(operatorToken: string | undefined): Admit {
  const expected = operatorToken === undefined ? undefined : digest(operatorToken);
  return ({ needsSession, session, authorization }) => {
    const isOperator = authorization !== undefined && isOperatorsToken(authorization, expected);
    if (!needsSession) {
      return { sessionId: session ?? "", isOperator };
    }
    if (session === "*") {
      if (!isOperator) {
        throw everySessionRefused;
      }
      return { sessionId: session, isOperator };
    }
    if (session === undefined || !sessionPattern.test(session)) {
      const description =
        session === undefined ? "is required" : `does not match ${sessionPattern.source}`;
      throw invalidArgument({ field: "x-session-id", description });
    }
    return { sessionId: session, isOperator };
  };
}

const sessionPattern = /^[A-Za-z0-9._-]{1,64}$/;

const everySessionRefused = new AppError({
  code: "PERMISSION_DENIED",
  message: "x-session-id: * needs the operator's token",
  reason: "OPERATOR_ONLY",
});

function isOperatorsToken(authorization: string, expected: Buffer | undefined): boolean {
  const token = /^Bearer +(.+)$/i.exec(authorization)?.[1];
  if (token === undefined) {
    return false;
  }
  if (expected === undefined || !timingSafeEqual(digest(token), expected)) {
    throw new AppError({
      code: "UNAUTHENTICATED",
      message: "the bearer token is not the operator's",
      reason: "BAD_TOKEN",
    });
  }
  return true;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
