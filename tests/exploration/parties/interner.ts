/** Gives every distinct value a small number, so that a state of many parts fits into a few words. */
export type Interner<T> = {
  /** The number of the value; its first number if it was seen before. */
  readonly of: (value: T) => number;
  readonly at: (index: number) => T;
  readonly size: () => number;
};

/** Makes one whose numbers fit into `bits` bits. Throws when there are more values than that. */
export function createInterner<T>(options: {
  readonly name: string;
  readonly bits: number;
  /** What tells two values apart. */
  readonly keyOf: (value: T) => string;
}): Interner<T> {
  const { name, bits, keyOf } = options;
  const byKey = new Map<string, number>();
  const values: T[] = [];
  return {
    of: (value) => {
      const key = keyOf(value);
      const known = byKey.get(key);
      if (known !== undefined) {
        return known;
      }
      if (values.length >= 2 ** bits) {
        throw new Error(`this world has more than ${2 ** bits} different ${name}`);
      }
      values.push(value);
      byKey.set(key, values.length - 1);
      return values.length - 1;
    },
    at: (index) => {
      if (index >= values.length) {
        throw new Error(`there is no number ${index} among the ${name}`);
      }
      return values[index] as T;
    },
    size: () => values.length,
  };
}
