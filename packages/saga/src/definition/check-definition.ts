import type { DescMessage } from "@bufbuild/protobuf";

import type { SagaDefinition } from "./definition.ts";

/** stub */
export function checkDefinition<D extends Omit<SagaDefinition, "~types">>(definition: D): D {
  const _x: DescMessage = definition.state;
  void _x;
  return definition;
}
