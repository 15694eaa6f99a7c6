/** What one input makes of one record. It depends on nothing else, so it is computed once. */
export type Outcome = {
  /** Number of the record afterwards. */
  readonly to: number;
  /** Mask of the messages that are sent. */
  readonly says: number;
  /** Mask of what is said to or by the provider; see `wire.ts`. */
  readonly wire: number;
  /** How many pieces become free, held and sold. */
  readonly stock: readonly [available: number, reserved: number, sold: number] | undefined;
  /** Why this may never happen, if it may not. */
  readonly fault: string | undefined;
};

/** An outcome of which most is nothing. */
export function outcome(to: number, rest: Partial<Omit<Outcome, "to">> = {}): Outcome {
  return { to, says: 0, wire: 0, stock: undefined, fault: undefined, ...rest };
}

/** Remembers outcomes by record and input, both small numbers. */
export function remembered(
  inputs: number,
  compute: (record: number, input: number) => Outcome,
): (record: number, input: number) => Outcome {
  const known: (Outcome | undefined)[] = [];
  return (record, input) => {
    const index = record * inputs + input;
    return (known[index] ??= compute(record, input));
  };
}
