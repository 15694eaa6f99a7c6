import { type RpcServer, type RpcServerOptions, startRpcServer } from "../server.ts";
import { fakeInventory } from "./fake-inventory.ts";

/** A server on a free port, for tests. */
export async function startedServer(
  options: Partial<RpcServerOptions> = {},
): Promise<RpcServer & { readonly url: string }> {
  const server = await startRpcServer({ port: 0, services: [fakeInventory()], ...options });
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}
