import type { SystemClients } from "../system/clients.ts";

/** Products that a load run orders: enough stock of each for every order. */
export type LoadCatalogue = {
  readonly sessionId: string;
  readonly productIds: readonly string[];
  readonly stockOfEach: number;
  /** Of all products of the session, where it is not the same of each. */
  readonly stockOfAll?: number;
};

/** Seeds a session of its own, so that the figures of the run are the figures of the session. */
export async function seedLoadCatalogue(
  clients: SystemClients,
  options: {
    readonly sessionId: string;
    /** So many, or these. */
    readonly products: number | readonly string[];
    readonly stockOfEach: number;
  },
): Promise<LoadCatalogue> {
  const { sessionId, stockOfEach } = options;
  const productIds =
    typeof options.products === "number"
      ? Array.from({ length: options.products }, (_, index) => `load-${index}`)
      : options.products;
  const products = productIds.map((id, index) => ({
    id,
    name: `Load product ${index}`,
    unitPrice: { currencyCode: "EUR", minorUnits: BigInt(500 + (index % 100) * 10) },
    available: BigInt(stockOfEach),
  }));
  await clients.inventory.seedProducts({ products }, { sessionId });
  return { sessionId, productIds, stockOfEach };
}
