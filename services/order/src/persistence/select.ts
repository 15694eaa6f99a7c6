import type { Statement } from "@ordersaga/outbox";

/** One optional condition of a list; `?` stands for its value. */
export type Condition = {
  /** Distinguishes the prepared statements. */
  readonly name: string;
  readonly sql: string;
  readonly value: unknown;
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
  const where = given.map(({ sql }, index) => sql.replace("?", `$${index + 1}`));
  return {
    statement: {
      name: [options.name, ...given.map(({ name }) => name)].join(" "),
      text: `${options.from} WHERE ${["true", ...where].join(" AND ")}
        ORDER BY ${options.orderBy} LIMIT $${given.length + 1}`,
    },
    values: [...given.map(({ value }) => value), options.limit],
  };
}

/** A condition that applies when its value is there. */
export function when(name: string, sql: string, value: unknown): Condition | undefined {
  return value === undefined ? undefined : { name, sql, value };
}
