import type { Rules } from "../parties/rules.ts";
import { type Happening, type Mode, world, type World } from "../world/world.ts";

/** One rule of the protocol switched off, and the small worlds in which the exploration must notice. */
export type Mutant = {
  /** Number of the trace in the protocol that stays closed by the rule. */
  readonly trace: number;
  /** What is wrong with it, as a sentence. */
  readonly name: string;
  readonly rules: Rules;
  /** With the real rules there is nothing to find in any of them. */
  readonly worlds: readonly World[];
  /** What is found. */
  readonly finds: RegExp;
};

/** A world of choreographed orders. */
export function choreographed(may: readonly Happening[], orders = 1): readonly World[] {
  return [worldOf("choreographed", may, orders)];
}

/** The same world twice: all its orders choreographed, and all orchestrated. */
export function inBothModes(may: readonly Happening[], orders = 1): readonly World[] {
  return [...choreographed(may, orders), worldOf("orchestrated", may, orders)];
}

function worldOf(mode: Mode, may: readonly Happening[], orders: number): World {
  return world(mode, { orders: Array.from({ length: orders }, () => mode), stock: [1, 0], may });
}
