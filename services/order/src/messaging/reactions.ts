import { ProductChangedSchema } from "@ordersaga/gen/inventory/event/v1/inventory_events";
import { type Reaction, reactTo } from "@ordersaga/outbox";
import type { Coordinator } from "@ordersaga/saga";

import { keepPriceList, type WritePrices } from "../use-cases/keep-price-list.ts";

/**
 * Who reacts to what. The coordinator hears every outcome of every step; the price list hears what
 * products cost.
 */
export function orderReactions(dependencies: {
  readonly coordinator: Pick<Coordinator, "reactions">;
  readonly writePrices: WritePrices;
}): readonly Reaction[] {
  return [
    ...dependencies.coordinator.reactions,
    reactTo({ type: ProductChangedSchema, handle: keepPriceList(dependencies.writePrices) }),
  ];
}
