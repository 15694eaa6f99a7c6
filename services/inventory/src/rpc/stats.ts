import { getStats } from "../use-cases/get-stats.ts";
import type { InventoryHandlers, InventoryResources } from "./inventory-handlers.ts";
import { anySession } from "./session.ts";

/** GetStats. */
export function getStatsHandler({ database }: InventoryResources): InventoryHandlers["getStats"] {
  return async (_request, context) => {
    const stats = await getStats(database, anySession(context));
    return {
      products: {
        total: stats.products,
        stock: stats.available + stats.reserved,
        reserved: stats.reserved,
        available: stats.available,
        sold: stats.sold,
      },
      reservations: {
        pending: stats.pending,
        confirmed: stats.confirmed,
        total: stats.reservations,
      },
    };
  };
}
