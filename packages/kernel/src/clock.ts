/** Where the current time comes from. Passed in, so that tests and simulations can set it. */
export type Clock = { readonly now: () => Date };

export const systemClock: Clock = { now: () => new Date() };

/** A source of numbers in [0, 1). Passed in, so that a seed can replay every choice. */
export type Rng = () => number;

export const systemRng: Rng = Math.random;
