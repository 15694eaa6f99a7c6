import type { Movement } from "./decide.ts";
import type { Line, Shortage } from "./reservation.ts";

/** Names one product of one session. */
export type ProductKey = { readonly sessionId: string; readonly productId: string };

/** How the stock of one product changes; a set of requests has one for each product it touches. */
export type StockChange = ProductKey & {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
};

/**
 * The free stock of some products while a set of requests is decided in memory, one after the other.
 * The rows it was loaded from must be locked until its changes are written.
 */
export class Stock {
  readonly #products = new Map<string, { row: StockRow; change: MutableChange }>();

  constructor(rows: readonly StockRow[]) {
    for (const row of rows) {
      this.#products.set(textOf(row), {
        row,
        change: { available: 0, reserved: 0, sold: 0 },
      });
    }
  }

  /** Every product of which there are fewer pieces than the lines ask for; none: all can be held. */
  shortagesOf(sessionId: string, lines: readonly Line[]): readonly Shortage[] {
    const shortages: Shortage[] = [];
    for (const [productId, requested] of totalsOf(lines)) {
      const product = this.#products.get(textOf({ sessionId, productId }));
      const available =
        product === undefined ? 0 : product.row.available + product.change.available;
      if (product === undefined || available < requested) {
        shortages.push({ productId, requested, available });
      }
    }
    return shortages;
  }

  /** Moves the pieces of all lines at once. */
  move(movement: Movement, sessionId: string, lines: readonly Line[]): void {
    if (movement === "none") {
      return;
    }
    const { available, reserved, sold } = directions[movement];
    for (const { productId, quantity } of lines) {
      const change = this.#changeOf({ sessionId, productId });
      change.available += available * quantity;
      change.reserved += reserved * quantity;
      change.sold += sold * quantity;
    }
  }

  /** One change for each product that moved, by session and product id. */
  changes(): readonly StockChange[] {
    const changes: StockChange[] = [];
    for (const { row, change } of this.#products.values()) {
      if (change.available !== 0 || change.reserved !== 0 || change.sold !== 0) {
        changes.push({ sessionId: row.sessionId, productId: row.productId, ...change });
      }
    }
    return changes.toSorted(byProductKey);
  }

  #changeOf(key: ProductKey): MutableChange {
    const product = this.#products.get(textOf(key));
    if (product === undefined) {
      throw new Error(`product ${key.productId} moves but was not loaded`);
    }
    return product.change;
  }
}

/** A product and its free pieces. */
export type StockRow = ProductKey & { readonly available: number };

/** The one order in which product rows are locked. */
export function byProductKey(a: ProductKey, b: ProductKey): number {
  return compare(a.sessionId, b.sessionId) || compare(a.productId, b.productId);
}

type MutableChange = { available: number; reserved: number; sold: number };

const directions = {
  hold: { available: -1, reserved: 1, sold: 0 },
  return: { available: 1, reserved: -1, sold: 0 },
  sell: { available: 0, reserved: -1, sold: 1 },
} as const satisfies Record<Exclude<Movement, "none">, MutableChange>;

/** An order may name a product on several lines; what counts is their sum. */
function totalsOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    totals.set(productId, (totals.get(productId) ?? 0) + quantity);
  }
  return totals;
}

function textOf({ sessionId, productId }: ProductKey): string {
  return `${sessionId}\n${productId}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
