import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ProductSchema } from "@ordersaga/gen/inventory/v1/inventory_service";

import type { ProductRow } from "../persistence/product-statements.ts";

/** A product as the API shows it. */
export function productMessage(product: ProductRow): MessageInitShape<typeof ProductSchema> {
  const { id, name, available, reserved, sold, version } = product;
  return {
    id,
    name,
    unitPrice: { currencyCode: product.currency, minorUnits: product.priceMinor },
    stock: available + reserved,
    reserved,
    available,
    sold,
    version,
  };
}
