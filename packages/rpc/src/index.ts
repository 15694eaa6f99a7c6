export type { CallOptions, CreateRpcClient, RpcClient, RpcClientOptions } from "./client.ts";
export type {
  CallContext,
  Handlers,
  ServedService,
  StreamHandler,
  UnaryHandler,
} from "./handler.ts";
export type { RpcServer, RpcServerOptions, StartRpcServer } from "./server.ts";
