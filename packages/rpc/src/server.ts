import type { ServedService } from "./handler.ts";

export type RpcServerOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  readonly services: readonly ServedService[];
  /** Bearer token of operators; without one nobody is an operator. */
  readonly operatorToken?: string;
  /** Largest request in bytes; larger ones are RESOURCE_EXHAUSTED. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** Longest that a unary call may take, whatever the caller asks for. Default 30 s. */
  readonly maxTimeoutMs?: number;
  /** How long `stop` waits for running calls. Default 5 s. */
  readonly drainMs?: number;
  /** Plain HTTP endpoints besides RPC, by path (webhooks, metrics). */
  readonly http?: Readonly<Record<string, (request: Request) => Promise<Response>>>;
};

/**
 * One port that speaks gRPC, Connect, gRPC-Web and JSON, with reflection and health. It starts
 * NOT_SERVING; the service says when it is ready.
 */
export type RpcServer = AsyncDisposable & {
  readonly port: number;
  readonly setServing: (isServing: boolean) => void;
  /** NOT_SERVING, no new calls, running calls finish within `drainMs`, then closed. */
  readonly stop: () => Promise<void>;
};

export type StartRpcServer = (options: RpcServerOptions) => Promise<RpcServer>;
