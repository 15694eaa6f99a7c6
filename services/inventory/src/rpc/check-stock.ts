import type { MessageInitShape } from "@bufbuild/protobuf";
import type { StockAnswerSchema } from "@ordersaga/gen/inventory/v1/inventory_service";

import type { StockLevelRow } from "../persistence/product-statements.ts";
import { checkStock } from "../use-cases/check-stock.ts";
import type { InventoryHandlers, InventoryResources } from "./inventory-handlers.ts";
import { oneSession } from "./session.ts";

/** CheckStock is asked before every order is accepted: one statement, and no more work than it takes. */
export function checkStockHandler({
  database,
}: InventoryResources): InventoryHandlers["checkStock"] {
  return async ({ queries }, context) => {
    const ids = queries.map(({ productId }) => productId);
    const levels = await checkStock(database, oneSession(context), ids);
    return {
      answers: queries.map(({ productId, quantity }) =>
        answerOf(productId, quantity, levels.get(productId)),
      ),
    };
  };
}

function answerOf(
  productId: string,
  quantity: number,
  level: StockLevelRow | undefined,
): MessageInitShape<typeof StockAnswerSchema> {
  if (level === undefined) {
    return { productId, answer: { case: "unknown", value: {} } };
  }
  const { available, currency, priceMinor } = level;
  const value = {
    sufficient: available >= BigInt(quantity),
    available,
    unitPrice: { currencyCode: currency, minorUnits: priceMinor },
  };
  return { productId, answer: { case: "found", value } };
}
