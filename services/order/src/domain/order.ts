/** An amount in the smallest unit of its currency. */
export type Price = {
  /** ISO 4217 code in capitals. */
  readonly currency: string;
  readonly minor: bigint;
};

/** One line as the customer asked for it. */
export type WantedLine = {
  readonly productId: string;
  readonly quantity: number;
  /** The price the customer saw, if it was said. */
  readonly expectedUnitPrice: Price | undefined;
};

/** One line at the price the server set. */
export type PricedLine = {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: Price;
};

/** An accepted order. It never changes: where it stands is its saga's business. */
export type Order = {
  /** UUIDv7 with dashes; the saga has the same id. */
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Price;
  /** The payment provider's token. */
  readonly paymentToken: string;
  readonly createdAt: Date;
};
