/**
 * Every error code of the product: what kind of failure it is, which RPC code it answers with, and how
 * loudly it is logged. Across a wire or a database codes are compared, never classes.
 */
export const errorCodes = {
  INVALID_ARGUMENT: { kind: "refusal", rpc: "INVALID_ARGUMENT", log: "debug" },
  NOT_FOUND: { kind: "refusal", rpc: "NOT_FOUND", log: "debug" },
  ALREADY_EXISTS: { kind: "refusal", rpc: "ALREADY_EXISTS", log: "debug" },
  FAILED_PRECONDITION: { kind: "refusal", rpc: "FAILED_PRECONDITION", log: "debug" },
  UNAUTHENTICATED: { kind: "refusal", rpc: "UNAUTHENTICATED", log: "info" },
  PERMISSION_DENIED: { kind: "refusal", rpc: "PERMISSION_DENIED", log: "info" },
  CANCELLED: { kind: "refusal", rpc: "CANCELLED", log: "debug" },
  DEADLINE_EXCEEDED: { kind: "transient", rpc: "DEADLINE_EXCEEDED", log: "warn" },
  RESOURCE_EXHAUSTED: { kind: "transient", rpc: "RESOURCE_EXHAUSTED", log: "warn" },
  UNAVAILABLE: { kind: "transient", rpc: "UNAVAILABLE", log: "warn" },
  CONFLICT: { kind: "transient", rpc: "ABORTED", log: "info" },
  UNDECODABLE: { kind: "permanent", rpc: "INVALID_ARGUMENT", log: "warn" },
  UNKNOWN_TYPE: { kind: "permanent", rpc: "UNIMPLEMENTED", log: "warn" },
  UNIMPLEMENTED: { kind: "permanent", rpc: "UNIMPLEMENTED", log: "debug" },
  INTERNAL: { kind: "bug", rpc: "INTERNAL", log: "error" },
} as const satisfies Record<string, ErrorCodeFacts>;

export type ErrorCode = keyof typeof errorCodes;
export type ErrorKind = "refusal" | "transient" | "permanent" | "bug";

type ErrorCodeFacts = {
  readonly kind: ErrorKind;
  /** Name of the gRPC status code. */
  readonly rpc: string;
  readonly log: "debug" | "info" | "warn" | "error";
};
