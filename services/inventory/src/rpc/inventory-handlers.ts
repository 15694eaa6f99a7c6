import type { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import type { Database, UnitsOfWork } from "@ordersaga/outbox";
import type { Handlers } from "@ordersaga/rpc";

/** The handlers of every method of the service; each file of this folder makes one or two of them. */
export type InventoryHandlers = Handlers<typeof InventoryService>;

/** What the handlers work with. */
export type InventoryResources = {
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
};
