import { brokenByOrder, brokenByStock } from "../world/invariants.ts";
import { emptyLocal } from "../world/local.ts";
import { createRecovery } from "../world/recovery.ts";
import { initialStock, readOrder } from "../world/state.ts";
import type { System } from "../world/system.ts";

/** Says which rule a state breaks, in words; undefined when all hold and recovery would end every saga. */
export type Judge = (words: Int32Array) => string | undefined;

/** Makes the judge of a system's states. */
export function createJudge(system: System): Judge {
  const recovery = createRecovery(system);
  const slots = system.world.orders.map((_mode, slot) => slot);
  const local = emptyLocal();
  return (words) => {
    let held = 0;
    let gone = 0;
    for (const slot of slots) {
      readOrder(words, slot, local);
      const stage = system.sides[local.mode]?.inventory.at(local.reservation)?.status;
      held += stage === "PENDING" ? 1 : 0;
      gone += stage === "CONFIRMED" ? 1 : 0;
      const broken = brokenByOrder(system, local);
      if (broken !== undefined) {
        return broken;
      }
    }
    const broken = brokenByStock(local, { stock: initialStock(words), held, gone });
    if (broken !== undefined) {
      return broken;
    }
    for (const slot of slots) {
      readOrder(words, slot, local);
      const stuck = recovery(local);
      if (stuck !== undefined) {
        return stuck;
      }
    }
    return undefined;
  };
}
