import type { Statement } from "@ordersaga/outbox";

/** One optional condition of a list. */
export type Condition = {
  /** Distinguishes the prepared statements. */
  readonly name: string;
  /** `?` stands for the value, if there is one. */
  readonly sql: string;
  readonly values: readonly unknown[];
};

/**
 * A statement with those conditions that are given, and its values. Each combination is a statement of
 * its own, so that PostgreSQL plans it with the index that fits.
 */
export function select<Row>(options: {
  readonly name: string;
  readonly from: string;
  readonly conditions: readonly (Condition | undefined)[];
  readonly orderBy: string;
  readonly limit: number;
}): { readonly statement: Statement<Row>; readonly values: readonly unknown[] } {
  const given = options.conditions.filter((condition) => condition !== undefined);
  const values = given.flatMap((condition) => condition.values);
  let parameters = 0;
  const where = given.map(({ sql }) => sql.replace("?", () => `$${++parameters}`));
  return {
    statement: {
      name: [options.name, ...given.map(({ name }) => name)].join(" "),
      text: `${options.from} WHERE ${["true", ...where].join(" AND ")}
        ORDER BY ${options.orderBy} LIMIT $${parameters + 1}`,
    },
    values: [...values, options.limit],
  };
}

/** A condition that applies when its value is there. */
export function when(name: string, sql: string, value: unknown): Condition | undefined {
  return value === undefined ? undefined : { name, sql, values: [value] };
}
