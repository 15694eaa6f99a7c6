import type { RpcLog } from "../log.ts";
import type { Admit } from "./admission.ts";
import type { RunningCalls } from "./running-calls.ts";

/** What both protocol stacks need to run calls. */
export type CallHost = {
  readonly admit: Admit;
  readonly running: RunningCalls;
  readonly log: RpcLog;
  readonly maxRequestBytes: number;
  /** Longest that a unary call may take. */
  readonly maxTimeoutMs: number;
};
