import { decodePageToken, encodePageToken, pageSizeOf } from "@ordersaga/rpc";

import { productOf } from "../use-cases/get-product.ts";
import { listProducts } from "../use-cases/list-products.ts";
import type { InventoryHandlers, InventoryResources } from "./inventory-handlers.ts";
import { productMessage } from "./product-message.ts";
import { anySession, oneSession, sessionPattern } from "./session.ts";

/** GetProduct and ListProducts. */
export function readProductsHandlers({
  database,
}: InventoryResources): Pick<InventoryHandlers, "getProduct" | "listProducts"> {
  return {
    getProduct: async ({ productId }, context) => {
      const product = await productOf(database, { sessionId: oneSession(context), id: productId });
      return { product: productMessage(product) };
    },

    listProducts: async ({ pageSize, pageToken }, context) => {
      const size = pageSizeOf(pageSize, { default: 50, max: 1000 });
      const filter = { list: "products", session: context.sessionId };
      const key = decodePageToken(pageToken, { filter, key: [sessionPattern, productPattern] });
      const products = await listProducts(database, {
        sessionId: anySession(context),
        after: key && { sessionId: key[0] ?? "", id: key[1] ?? "" },
        limit: size + 1,
      });
      const shown = products.slice(0, size);
      const last = products.length > size ? shown.at(-1) : undefined;
      return {
        products: shown.map(productMessage),
        nextPageToken: last ? encodePageToken({ key: [last.sessionId, last.id], filter }) : "",
      };
    },
  };
}

const productPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
