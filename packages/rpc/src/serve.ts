import type { DescService } from "@bufbuild/protobuf";

import type { Handlers, ServedService } from "./handler.ts";

/**
 * Puts a service and its handlers together for {@link startRpcServer}. `needsSession` makes the header
 * `x-session-id` a must for every call of the service.
 */
export function serve<S extends DescService>(
  service: S,
  handlers: Handlers<S>,
  options: { readonly needsSession: boolean },
): ServedService {
  return { service, handlers, ...options };
}
