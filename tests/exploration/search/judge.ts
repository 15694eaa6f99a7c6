import { brokenByOrder, brokenByStock } from "../world/invariants.ts";
import { emptyLocal } from "../world/local.ts";
import { createRecovery } from "../world/recovery.ts";
import { initialStock, readOrder } from "../world/state.ts";
import type { System } from "../world/system.ts";
import { describeStep } from "./describe-step.ts";

/** Says which rule a state breaks; undefined when all hold and recovery would end every saga. */
export type Judge = (words: Int32Array) => Verdict | undefined;

/** What is wrong with a state, in words. */
export type Verdict = {
  readonly what: string;
  /** How recovery failed when everything in flight was lost there, if that is what is wrong. */
  readonly recovery?: readonly string[];
};

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
        return { what: broken };
      }
    }
    const broken = brokenByStock(local, { stock: initialStock(words), held, gone });
    if (broken !== undefined) {
      return { what: broken };
    }
    for (const slot of slots) {
      readOrder(words, slot, local);
      const stuck = recovery(local);
      if (stuck !== undefined) {
        const steps = stuck.steps.map((step) => describeStep(system, step));
        const name = slots.length > 1 ? `, for order ${slot + 1}` : "";
        return {
          what: stuck.what,
          recovery: [`everything in flight is lost${name}; then:`, ...steps],
        };
      }
    }
    return undefined;
  };
}
