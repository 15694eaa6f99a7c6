import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAdmit } from "./admission.ts";

const needsSession = true;

describe("Admission", () => {
  for (const session of ["s", "demo", "A.b_c-9", "x".repeat(64)]) {
    test(`takes the session ${session}`, () => {
      const admitted = createAdmit(undefined)({ needsSession, session, authorization: undefined });
      assert.deepEqual(admitted, { sessionId: session, isOperator: false });
    });
  }

  for (const session of [undefined, "", "a b", "ä", "a,b", "x".repeat(65), "**", "a\n"]) {
    test(`refuses the session ${JSON.stringify(session)}`, () => {
      const admit = createAdmit(undefined);
      assert.throws(() => admit({ needsSession, session, authorization: undefined }), {
        code: "INVALID_ARGUMENT",
      });
    });
  }

  test("asks services without sessions for none", () => {
    const call = { needsSession: false, session: undefined, authorization: undefined };
    assert.deepEqual(createAdmit("t")(call), { sessionId: "", isOperator: false });
  });

  for (const { token, authorization, expected } of [
    { token: "t", authorization: "Bearer t", expected: true },
    { token: "t", authorization: "bearer t", expected: true },
    { token: "t", authorization: "Basic dDp0", expected: false },
    { token: "t", authorization: undefined, expected: false },
  ]) {
    test(`with ${authorization} the caller is ${expected ? "the" : "no"} operator`, () => {
      const { isOperator } = createAdmit(token)({ needsSession, session: "s", authorization });
      assert.equal(isOperator, expected);
    });
  }

  for (const token of ["t", undefined]) {
    test(`a wrong token is UNAUTHENTICATED when the right one is ${token}`, () => {
      const call = { needsSession, session: "s", authorization: "Bearer wrong" };
      assert.throws(() => createAdmit(token)(call), { code: "UNAUTHENTICATED" });
    });
  }

  test("every session at once is the operator's only", () => {
    const admit = createAdmit("t");
    assert.throws(() => admit({ needsSession, session: "*", authorization: undefined }), {
      code: "PERMISSION_DENIED",
    });
    const admitted = admit({ needsSession, session: "*", authorization: "Bearer t" });
    assert.deepEqual(admitted, { sessionId: "*", isOperator: true });
  });
});
