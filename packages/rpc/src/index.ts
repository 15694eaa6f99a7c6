export { createRpcClient } from "./client.ts";
export type { CallOptions, RpcClient, RpcClientOptions } from "./client.ts";
export type {
  BiDiHandler,
  CallContext,
  Handlers,
  ServedService,
  StreamHandler,
  UnaryHandler,
} from "./handler.ts";
export type { HttpEndpoint, HttpEndpoints } from "./http/endpoint.ts";
export type { RpcLog } from "./log.ts";
export { decodePageToken, encodePageToken, type PageFilter, pageSizeOf } from "./page-token.ts";
export { serve } from "./serve.ts";
export { type RpcServer, type RpcServerOptions, startRpcServer } from "./server.ts";
