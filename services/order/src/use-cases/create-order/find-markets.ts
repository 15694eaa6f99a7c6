import type { MessageShape } from "@bufbuild/protobuf";
import {
  type CheckStockResponseSchema,
  InventoryService,
} from "@ordersaga/gen/inventory/v1/inventory_service";
import { appErrorFrom } from "@ordersaga/kernel";
import type { RpcClient } from "@ordersaga/rpc";
import type { Logger } from "@ordersaga/telemetry";

import type { Market, ProductFacts } from "../../domain/price-order.ts";
import type { Circuit } from "./circuit.ts";

/** Session → product → the most pieces that any one order wants. */
export type WantedProducts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Finds out what is known of the wanted products, session by session. It never fails for want of inventory. */
export type FindMarkets = (wanted: WantedProducts) => Promise<ReadonlyMap<string, Market>>;

/** Session → product → the price remembered of it. */
export type RememberedPrices = ReadonlyMap<string, ReadonlyMap<string, ProductFacts>>;

export type MarketSources = {
  readonly inventory: Pick<RpcClient<typeof InventoryService>, "checkStock">;
  /** How long one stock check may take; orders wait for it. */
  readonly checkStockWithinMs: number;
  readonly circuit: Circuit;
  readonly findPrices: (wanted: WantedProducts) => Promise<RememberedPrices>;
  readonly log: Logger;
};

/**
 * Asks inventory, with one call for each session. While inventory is out of reach the remembered prices
 * answer instead, at once: the circuit spares every batch but one the waiting.
 */
export function createMarketFinder(sources: MarketSources): FindMarkets {
  return async (wanted) => {
    const markets = new Map<string, Market>();
    const unanswered = new Map<string, ReadonlyMap<string, number>>();
    await Promise.all(
      [...wanted].map(async ([sessionId, products]) => {
        const market = await askInventory(sources, sessionId, products);
        if (market === undefined) {
          unanswered.set(sessionId, products);
        } else {
          markets.set(sessionId, market);
        }
      }),
    );
    if (unanswered.size > 0) {
      const prices = await sources.findPrices(unanswered);
      for (const sessionId of unanswered.keys()) {
        const known = prices.get(sessionId);
        markets.set(sessionId, { isLive: false, find: (productId) => known?.get(productId) });
      }
    }
    return markets;
  };
}

/** Inventory takes no more queries in one call. */
const queriesPerCall = 5000;

async function askInventory(
  sources: MarketSources,
  sessionId: string,
  products: ReadonlyMap<string, number>,
): Promise<Market | undefined> {
  const { inventory, circuit, log, checkStockWithinMs: timeoutMs } = sources;
  if (!circuit.mayCall()) {
    return undefined;
  }
  const queries = [...products].map(([productId, quantity]) => ({ productId, quantity }));
  try {
    const found = new Map<string, ProductFacts>();
    for (let start = 0; start < queries.length; start += queriesPerCall) {
      const part = queries.slice(start, start + queriesPerCall);
      collect(await inventory.checkStock({ queries: part }, { sessionId, timeoutMs }), found);
    }
    circuit.succeeded();
    return { isLive: true, find: (productId) => found.get(productId) };
  } catch (reason) {
    const error = appErrorFrom(reason);
    if (error.kind === "refusal") {
      // It answered, if not as it should: no reason to leave it alone.
      circuit.succeeded();
    } else {
      circuit.failed();
    }
    log.warn({ err: error, code: error.code }, "stock check failed; remembered prices answer");
    return undefined;
  }
}

function collect(
  response: MessageShape<typeof CheckStockResponseSchema>,
  found: Map<string, ProductFacts>,
): void {
  for (const { productId, answer } of response.answers) {
    const price = answer.case === "found" ? answer.value.unitPrice : undefined;
    if (answer.case === "found" && price !== undefined) {
      found.set(productId, {
        unitPrice: { currency: price.currencyCode, minor: price.minorUnits },
        available: answer.value.available,
      });
    }
  }
}
