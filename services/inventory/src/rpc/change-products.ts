import type { SeedProduct } from "@ordersaga/gen/inventory/v1/inventory_service";
import { type FieldViolation, invalidArgument } from "@ordersaga/kernel";

import { catalogueCurrency, defaultCatalogue } from "../domain/catalogue.ts";
import type { SeededProduct } from "../persistence/product-statements.ts";
import { adjustStock } from "../use-cases/adjust-stock.ts";
import { seedProducts } from "../use-cases/seed-products.ts";
import type { InventoryHandlers, InventoryResources } from "./inventory-handlers.ts";
import { productMessage } from "./product-message.ts";
import { oneSession } from "./session.ts";

/** SeedProducts and AdjustStock. */
export function changeProductsHandlers({
  database,
  unitsOfWork,
}: InventoryResources): Pick<InventoryHandlers, "seedProducts" | "adjustStock"> {
  return {
    seedProducts: async (request, context) => {
      const sessionId = oneSession(context);
      const { traceparent } = context;
      const products = request.products.length === 0 ? catalogue : seededFrom(request.products);
      const rows = await unitsOfWork.run((uow) =>
        seedProducts(uow, { sessionId, traceparent, products }),
      );
      return { products: rows.map(productMessage) };
    },

    adjustStock: async ({ productId, delta }, context) => {
      const sessionId = oneSession(context);
      const product = await adjustStock(database, { sessionId, id: productId, delta });
      return { product: productMessage(product) };
    },
  };
}

const catalogue: readonly SeededProduct[] = defaultCatalogue.map((product) => ({
  ...product,
  currency: catalogueCurrency,
  available: BigInt(product.available),
}));

/** Throws INVALID_ARGUMENT naming every product that is there twice, and every name that cannot be kept. */
function seededFrom(products: readonly SeedProduct[]): readonly SeededProduct[] {
  const violations: FieldViolation[] = [];
  const ids = new Set<string>();
  const seeded = products.map(({ id, name, unitPrice, available }, index) => {
    if (ids.has(id)) {
      const description = `${id} is in the request already`;
      violations.push({ field: `products[${index}].id`, description });
    }
    if (name.includes("\u0000")) {
      const description = "must not contain the character NUL";
      violations.push({ field: `products[${index}].name`, description });
    }
    ids.add(id);
    const { currencyCode: currency = "", minorUnits: priceMinor = 0n } = unitPrice ?? {};
    return { id, name, priceMinor, currency, available };
  });
  if (violations.length > 0) {
    throw invalidArgument(...violations);
  }
  return seeded;
}
