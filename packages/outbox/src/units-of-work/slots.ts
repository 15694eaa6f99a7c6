import { AppError } from "@ordersaga/kernel";

/** A bounded number of places, given in the order in which they were asked for. */
export type Slots = {
  /** Throws an AppError `RESOURCE_EXHAUSTED` when too many wait already. */
  readonly take: () => Promise<void>;
  readonly give: () => void;
};

export function createSlots(options: {
  readonly count: number;
  readonly waitingMax: number;
}): Slots {
  let free = options.count;
  const waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (free > 0) {
        free -= 1;
        return;
      }
      if (waiting.length >= options.waitingMax) {
        throw new AppError({
          code: "RESOURCE_EXHAUSTED",
          message: "too much work is waiting for the database",
          retryAfterMs: 1000,
        });
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) {
        free += 1;
      } else {
        next();
      }
    },
  };
}
