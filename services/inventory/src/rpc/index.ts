import type { DescMessage } from "@bufbuild/protobuf";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { DeadLetterService } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { deadLetterHandlers } from "@ordersaga/outbox";
import { type ServedService, serve } from "@ordersaga/rpc";

import { changeProductsHandlers } from "./change-products.ts";
import { checkStockHandler } from "./check-stock.ts";
import type { InventoryResources } from "./inventory-handlers.ts";
import { readProductsHandlers } from "./read-products.ts";
import { listReservationsHandler } from "./reservations.ts";
import { getStatsHandler } from "./stats.ts";

/** Everything that inventory serves. Dead letters of the types named are shown decoded. */
export function createServices(
  resources: InventoryResources & { readonly messageTypes: readonly DescMessage[] },
): readonly ServedService[] {
  const { database, messageTypes } = resources;
  return [
    serve(
      InventoryService,
      {
        checkStock: checkStockHandler(resources),
        ...readProductsHandlers(resources),
        ...changeProductsHandlers(resources),
        getStats: getStatsHandler(resources),
        listReservations: listReservationsHandler(resources),
      },
      { needsSession: true },
    ),
    serve(DeadLetterService, deadLetterHandlers(database, messageTypes), { needsSession: false }),
  ];
}
