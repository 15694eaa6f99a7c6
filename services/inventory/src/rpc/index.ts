import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { type ServedService, serve } from "@ordersaga/rpc";

import { changeProductsHandlers } from "./change-products.ts";
import { checkStockHandler } from "./check-stock.ts";
import type { InventoryResources } from "./inventory-handlers.ts";
import { readProductsHandlers } from "./read-products.ts";
import { listReservationsHandler } from "./reservations.ts";
import { getStatsHandler } from "./stats.ts";

/** `inventory.v1.InventoryService`, ready to be served. */
export function inventoryService(resources: InventoryResources): ServedService {
  return serve(
    InventoryService,
    {
      checkStock: checkStockHandler(resources),
      ...readProductsHandlers(resources),
      ...changeProductsHandlers(resources),
      getStats: getStatsHandler(resources),
      listReservations: listReservationsHandler(resources),
    },
    { needsSession: true },
  );
}
