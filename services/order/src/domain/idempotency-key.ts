import { type FieldViolation } from "@ordersaga/kernel";

/** The header that names a request, as HTTP/2 spells it. */
export const idempotencyHeader = "idempotency-key";

export type IdempotencyKey =
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "wrong"; readonly violation: FieldViolation };

/**
 * The key of a request, named by the header `Idempotency-Key` or by the field `request_id`. Both may be
 * given when they are equal. A key is 1 to 255 visible ASCII characters.
 */
export function idempotencyKeyOf(given: {
  readonly header: string | undefined;
  readonly requestId: string;
}): IdempotencyKey {
  const { header, requestId } = given;
  if (header === undefined && requestId === "") {
    return { kind: "none" };
  }
  if (header !== undefined && !keyPattern.test(header)) {
    return wrong(idempotencyHeader, keyRule);
  }
  if (requestId !== "" && !keyPattern.test(requestId)) {
    return wrong("request_id", keyRule);
  }
  if (header !== undefined && requestId !== "" && header !== requestId) {
    return wrong("request_id", "differs from the header Idempotency-Key");
  }
  return { kind: "key", key: header ?? requestId };
}

const keyPattern = /^[\x21-\x7e]{1,255}$/;
const keyRule = "must be 1 to 255 visible ASCII characters";

function wrong(field: string, description: string): IdempotencyKey {
  return { kind: "wrong", violation: { field, description } };
}
