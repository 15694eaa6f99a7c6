import { AppError, invalidArgument, uuidOf } from "@ordersaga/kernel";

/** The dashed form of an id that came with or without dashes. Throws INVALID_ARGUMENT for anything else. */
export function orderIdOf(id: string, field = "order_id"): string {
  const uuid = uuidOf(id);
  if (uuid === undefined) {
    throw invalidArgument({ field, description: "is not an id, with or without dashes" });
  }
  return uuid;
}

/** What was found, or NOT_FOUND: the session has no such thing, whether or not another one has. */
export function existing<T>(found: T | undefined, what: "order" | "saga", id: string): T {
  if (found === undefined) {
    throw new AppError({
      code: "NOT_FOUND",
      message: `this session has no ${what} ${id}`,
      reason: what === "order" ? "UNKNOWN_ORDER" : "UNKNOWN_SAGA",
      metadata: { [`${what}_id`]: id },
    });
  }
  return found;
}
