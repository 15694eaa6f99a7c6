/** Fields that may hold a secret, card data, or what a customer sent. They are never written to a log. */
const secretFields = [
  "authorization",
  "cookie",
  "data",
  "operatorToken",
  "password",
  "payload",
  "paymentMethod",
  "secret",
  "token",
] as const;

/** Where the logger looks for those fields: at the top of a line, and one and two objects deep. */
export const redactedPaths: readonly string[] = secretFields.flatMap((field) => [
  field,
  `*.${field}`,
  `*.*.${field}`,
]);
