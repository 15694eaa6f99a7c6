import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
} from "@bufbuild/protobuf";

import type { BiDiHandler, ServedService, StreamHandler, UnaryHandler } from "../handler.ts";

/** A method with its handler, as both protocol stacks look it up. */
export type ServedMethod = ServedUnary | ServedStream | ServedBiDi;

export type ServedUnary = Served<DescMethodUnary, UnaryHandler<DescMethodUnary>>;
export type ServedStream = Served<
  DescMethodServerStreaming,
  StreamHandler<DescMethodServerStreaming>
>;
export type ServedBiDi = Served<DescMethodBiDiStreaming, BiDiHandler<DescMethodBiDiStreaming>>;

type Served<M extends DescMethod, H> = {
  readonly kind: M["methodKind"];
  /** Such as `/order.v1.OrderService/GetOrder`. */
  readonly path: string;
  readonly method: M;
  readonly handler: H;
  readonly needsSession: boolean;
};

/** Lists the methods of services. Throws when one has no handler or streams requests only. */
export function servedMethods(services: readonly ServedService[]): readonly ServedMethod[] {
  return services.flatMap((served) =>
    served.service.methods.map((method) => servedMethod(served, method)),
  );
}

function servedMethod(served: ServedService, method: DescMethod): ServedMethod {
  const handler: unknown = served.handlers[method.localName];
  const path = `/${method.parent.typeName}/${method.name}`;
  if (typeof handler !== "function" || method.methodKind === "client_streaming") {
    throw new Error(`${path} cannot be served: no handler, or only its requests are streamed`);
  }
  const { methodKind: kind } = method;
  return { kind, path, method, handler, needsSession: served.needsSession } as ServedMethod;
}
