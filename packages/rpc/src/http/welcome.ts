import type { ServedMethod } from "../call/served-method.ts";

/** What `GET /` says: what this is, and how to call it. */
export function welcomeOf(methods: readonly ServedMethod[]): string {
  const example = methods.find(({ kind }) => kind === "unary")?.path.slice(1) ?? "";
  const session = methods[0]?.needsSession === true ? ` -H 'x-session-id: demo'` : "";
  return `This port speaks gRPC, gRPC-Web, Connect and JSON, over HTTP/1.1 and HTTP/2.

  grpcurl -plaintext <this address> list
  curl${session} -H 'content-type: application/json' -d '{}' <this address>/${example}

Methods:
${methods.map(({ path, kind }) => `  ${path}${kind === "unary" ? "" : ` (${kind})`}`).join("\n")}
`;
}
