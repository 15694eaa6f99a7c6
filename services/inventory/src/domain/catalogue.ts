/** A product as it is put on sale. */
export type CatalogueProduct = {
  readonly id: string;
  readonly name: string;
  /** In euro cents. */
  readonly priceMinor: bigint;
  readonly available: number;
};

/** The currency of the default catalogue. */
export const catalogueCurrency = "EUR";

/**
 * What `SeedProducts` puts into a session that names no products of its own. One product is scarce and
 * one is sold out, so that both can be tried by hand.
 */
export const defaultCatalogue: readonly CatalogueProduct[] = [
  { id: "laptop", name: "Laptop 14″", priceMinor: 129_900n, available: 1_000 },
  { id: "mouse", name: "Wireless mouse", priceMinor: 2_999n, available: 10_000 },
  { id: "keyboard", name: "Mechanical keyboard", priceMinor: 8_950n, available: 5_000 },
  { id: "monitor", name: "Monitor 27″", priceMinor: 34_900n, available: 2_000 },
  { id: "headphones", name: "Noise-cancelling headphones", priceMinor: 19_900n, available: 3_000 },
  { id: "webcam", name: "Webcam 1080p", priceMinor: 6_490n, available: 4_000 },
  { id: "dock", name: "USB-C dock", priceMinor: 14_900n, available: 2_500 },
  { id: "limited-edition", name: "Limited edition", priceMinor: 49_900n, available: 1 },
  { id: "sold-out", name: "Sold out", priceMinor: 9_900n, available: 0 },
];
