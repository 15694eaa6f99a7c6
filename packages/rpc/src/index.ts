export type { CallOptions, CreateRpcClient, RpcClient, RpcClientOptions } from "./client.ts";
export type {
  CallContext,
  Handlers,
  ServedService,
  StreamHandler,
  UnaryHandler,
} from "./handler.ts";
export { decodePageToken, encodePageToken, type PageFilter, pageSizeOf } from "./page-token.ts";
export type { RpcServer, RpcServerOptions, StartRpcServer } from "./server.ts";
