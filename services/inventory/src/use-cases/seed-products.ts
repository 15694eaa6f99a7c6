import { ProductChangedSchema } from "@ordersaga/gen/inventory/event/v1/inventory_events";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { UnitOfWork } from "@ordersaga/outbox";

import {
  insertMissing,
  lockProducts,
  type ProductRow,
  resetProducts,
  type SeededProduct,
} from "../persistence/product-statements.ts";

/**
 * Puts products into a session, or sets name, price and free stock of those that are there; what is
 * reserved stays reserved. Tells every new name and price by a `ProductChanged`. Seeding the same again
 * changes nothing but the free stock. Returns the products in the order given.
 */
export async function seedProducts(
  uow: UnitOfWork,
  seed: {
    readonly sessionId: string;
    readonly traceparent: string;
    /** Each id once. */
    readonly products: readonly SeededProduct[];
  },
): Promise<readonly ProductRow[]> {
  const { sessionId } = seed;
  const products = seed.products.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const ids = products.map(({ id }) => id);
  const inserted = await insertMissing(uow, sessionId, products);
  const before = versionsOf(await lockProducts(uow, sessionId, ids));
  const after = await resetProducts(uow, sessionId, products);
  for (const row of after) {
    if (inserted.has(row.id) || row.version !== before.get(row.id)) {
      emitProductChanged(uow, seed, row);
    }
  }
  const byId = new Map(after.map((row) => [row.id, row]));
  return seed.products.flatMap(({ id }) => byId.get(id) ?? []);
}

function emitProductChanged(
  uow: UnitOfWork,
  { sessionId, traceparent }: { readonly sessionId: string; readonly traceparent: string },
  row: ProductRow,
): void {
  uow.emit({
    type: ProductChangedSchema,
    payload: {
      productId: row.id,
      name: row.name,
      unitPrice: { currencyCode: row.currency, minorUnits: row.priceMinor },
      version: row.version,
    },
    context: {
      sagaId: "",
      sessionId,
      traceparent,
      definitionVersion: 0,
      coordination: Coordination.UNSPECIFIED,
      state: noState,
    },
  });
}

const noState = new Uint8Array();

function versionsOf(rows: readonly ProductRow[]): ReadonlyMap<string, bigint> {
  return new Map(rows.map(({ id, version }) => [id, version]));
}
