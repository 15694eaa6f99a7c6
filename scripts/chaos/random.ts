import type { Rng } from "@ordersaga/kernel";

/** A source of numbers in [0, 1) that a seed repeats: the generator known as mulberry32. */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `min` to `max`, both included. */
export function between(rng: Rng, [min, max]: readonly [min: number, max: number]): number {
  return min + Math.floor(rng() * (max - min + 1));
}

/** Any one of them. Throws when there is none. */
export function oneOf<T>(rng: Rng, items: readonly T[]): T {
  const item = items[Math.floor(rng() * items.length)];
  if (item === undefined) {
    throw new Error("there is nothing to choose from");
  }
  return item;
}

/**
 * So many of them, each as often as its share says, in a random order: drawn from a stack of cards, not
 * one by one, so that what is rare is there too.
 */
export function deal<T extends { readonly share: number }>(
  rng: Rng,
  { items, count }: { readonly items: readonly T[]; readonly count: number },
): readonly T[] {
  const shares = items.reduce((sum, { share }) => sum + share, 0);
  const cards = items.flatMap((item) =>
    Array.from({ length: Math.ceil((item.share * count) / shares) }, () => item),
  );
  // Shares are rounded up: there are too many cards, and those left out are drawn, but one of each stays.
  const oneOfEach = items.slice(0, count);
  const others = mix(rng, without(cards, oneOfEach));
  return mix(rng, [...oneOfEach, ...others].slice(0, count));
}

/** The cards less one of each kind. */
function without<T>(cards: readonly T[], kinds: readonly T[]): readonly T[] {
  const left = new Set(kinds);
  return cards.filter((card) => kinds.includes(card) && !left.delete(card));
}

function mix<T>(rng: Rng, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: rng() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
