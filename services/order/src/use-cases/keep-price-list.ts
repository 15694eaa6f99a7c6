import { ProductChangedSchema } from "@ordersaga/gen/inventory/event/v1/inventory_events";
import { PermanentError } from "@ordersaga/kernel";
import type { IncomingEvent, UnitOfWork } from "@ordersaga/outbox";

import { newestPrices, type ProductPrice } from "../domain/newest-prices.ts";

/** Writes prices in a unit of work; an older version than the one known changes nothing. */
export type WritePrices = (uow: UnitOfWork, prices: readonly ProductPrice[]) => Promise<void>;

/** Remembers what products cost, so that orders can be accepted while inventory is out of reach. */
export function keepPriceList(writePrices: WritePrices) {
  return async (
    uow: UnitOfWork,
    events: readonly IncomingEvent<typeof ProductChangedSchema>[],
  ): Promise<void> => {
    await writePrices(uow, newestPrices(events.map(priceOf)));
  };
}

function priceOf(event: IncomingEvent<typeof ProductChangedSchema>): ProductPrice {
  const { productId, unitPrice, version } = event.payload;
  if (unitPrice === undefined || unitPrice.minorUnits < 0n || productId === "") {
    throw new PermanentError({ code: "UNDECODABLE", message: "a product without id or price" });
  }
  return {
    sessionId: event.context.sessionId,
    productId,
    unitPrice: { currency: unitPrice.currencyCode, minor: unitPrice.minorUnits },
    version,
  };
}
