import type { DescMessage, DescMethod, Message, MessageInitShape } from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  ConnectError,
  createConnectRouter,
  type HandlerContext,
} from "@connectrpc/connect";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

import type { CallHost } from "../call/call-host.ts";
import type { ServedMethod } from "../call/served-method.ts";
import { statusOf } from "../call/status.ts";
import { untilAborted } from "../call/until-aborted.ts";
import { validate } from "../call/validate.ts";
import { blamed, blameRequest, isRequestRead } from "./blame-request.ts";
import { ConnectCall } from "./connect-call.ts";

/** Serves methods over Connect, gRPC-Web and JSON; gRPC too, for what grpc-js does not take. */
export function connectRoutes(
  methods: readonly ServedMethod[],
  host: CallHost,
): ConnectRouter["handlers"] {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    readMaxBytes: host.maxRequestBytes,
    requestGate: blameRequest,
  });
  for (const served of methods) {
    route(router, served, host);
  }
  return router.handlers;
}

type Output = MessageInitShape<DescMessage>;

function route(router: ConnectRouter, served: ServedMethod, host: CallHost): void {
  switch (served.kind) {
    case "unary":
      router.rpc(served.method, (request: Message, context: HandlerContext) =>
        single(run({ served, host, context }, (call) => once(call, served, request))),
      );
      return;
    case "server_streaming":
      router.rpc(served.method, (request: Message, context: HandlerContext) =>
        run({ served, host, context }, (call) => {
          validate(served.method.input, request);
          return served.handler(request, call);
        }),
      );
      return;
    case "bidi_streaming":
      router.rpc(served.method, (requests: AsyncIterable<Message>, context: HandlerContext) =>
        run({ served, host, context }, (call) =>
          served.handler(requestsOf(requests, served.method), call),
        ),
      );
      return;
  }
}

/** Runs a handler from admission to status. */
async function* run(
  options: {
    readonly served: ServedMethod;
    readonly host: CallHost;
    readonly context: HandlerContext;
  },
  respond: (call: ConnectCall) => AsyncIterable<Output>,
): AsyncGenerator<Output> {
  const { served, host, context } = options;
  context.values.set(isRequestRead, true);
  let call: ConnectCall | undefined;
  try {
    call = new ConnectCall({ context, served, host });
    host.running.add(call);
    yield* untilAborted(respond(call), call.signal);
  } catch (reason) {
    const cause = call?.signal.aborted === true ? call.signal.reason : reason;
    const { code, message, details } = statusOf(cause, { path: served.path, log: host.log });
    throw new ConnectError(message, code, undefined, [...details]);
  } finally {
    if (call !== undefined) {
      host.running.delete(call);
      call.end();
    }
  }
}

async function* once(
  call: ConnectCall,
  served: Extract<ServedMethod, { kind: "unary" }>,
  request: Message,
): AsyncGenerator<Output> {
  validate(served.method.input, request);
  yield await served.handler(request, call);
}

async function single(responses: AsyncIterable<Output>): Promise<Output> {
  for await (const response of responses) {
    return response;
  }
  throw new Error("a unary method has answered nothing");
}

async function* requestsOf(
  requests: AsyncIterable<Message>,
  method: DescMethod,
): AsyncGenerator<Message> {
  try {
    for await (const request of requests) {
      validate(method.input, request);
      yield request;
    }
  } catch (reason) {
    throw reason instanceof ConnectError ? blamed(reason) : reason;
  }
}
