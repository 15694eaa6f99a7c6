import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { AppError } from "@ordersaga/kernel";

import type { Handlers, ServedService } from "../handler.ts";
import { serve } from "../serve.ts";

/**
 * An inventory without stock, for tests: every product is there and is named after the
 * session, except `unknown`.
 */
export function fakeInventory(
  handlers: Partial<Handlers<typeof InventoryService>> = {},
): ServedService {
  return serve(
    InventoryService,
    {
      checkStock: async ({ queries }) => ({
        answers: queries.map(({ productId }) => ({
          productId,
          answer: { case: "found", value: { sufficient: true, available: 7n } },
        })),
      }),
      listProducts: nothing,
      getProduct: async ({ productId }, { sessionId }) => {
        if (productId === "unknown") {
          throw new AppError({
            code: "NOT_FOUND",
            message: `no product ${productId}`,
            reason: "PRODUCT_NOT_FOUND",
            metadata: { product_id: productId },
          });
        }
        return { product: { id: productId, name: sessionId } };
      },
      seedProducts: nothing,
      adjustStock: nothing,
      getStats: nothing,
      listReservations: nothing,
      ...handlers,
    },
    { needsSession: true },
  );
}

async function nothing(): Promise<object> {
  return {};
}
