import { maxStock } from "../parties/inventory.ts";
import { copyLocal, emptyLocal, type Local } from "../world/local.ts";
import { type Move, perform } from "../world/moves.ts";
import { moveOf, possibleMoves } from "../world/possible-moves.ts";
import { canonise, readOrder, wordsOf, writeInitialStock, writeOrder } from "../world/state.ts";
import { modes, type System } from "../world/system.ts";

/** One step from a state to the next. All of it is overwritten by the next step. */
export type Step = {
  readonly move: Move;
  /** The order it happened to. */
  readonly slot: number;
  readonly before: Local;
  readonly after: Local;
  /** The packed state after it, with its orders in canonical places. */
  readonly words: Int32Array;
  /** Where the order in each place of `words` was before. */
  readonly places: readonly number[];
};

/** Finds everything that can happen in a state. */
export type Successors = {
  readonly beginnings: () => Int32Array[];
  readonly of: (words: Int32Array, visit: (step: Step) => void) => void;
};

/** Makes one for a system. */
export function createSuccessors(system: System): Successors {
  const { orders, stock, may } = system.world;
  const width = wordsOf(orders.length);
  const words = new Int32Array(width);
  const places = orders.map((_mode, slot) => slot);
  const before = emptyLocal();
  const after = emptyLocal();
  const step = { move: moveOf("recover"), slot: 0, before, after, words, places };

  return {
    beginnings: () => stock.map(beginning),
    of: (from, visit) => {
      for (let slot = 0; slot < orders.length; slot += 1) {
        readOrder(from, slot, before);
        possibleMoves(system, before, (move) => {
          copyLocal(before, after);
          perform(system, after, move);
          words.set(from);
          writeOrder(words, slot, after);
          canonise(words, orders.length, places);
          step.move = move;
          step.slot = slot;
          visit(step);
        });
      }
      if (may.has("crash")) {
        crash(from, visit);
      }
    },
  };

  function beginning(pieces: number): Int32Array {
    if (pieces > maxStock) {
      throw new Error(`a world has at most ${maxStock} pieces`);
    }
    const begun = new Int32Array(width);
    writeInitialStock(begun, pieces);
    orders.forEach((mode, slot) => {
      const local = emptyLocal();
      local.mode = modes.indexOf(mode);
      const first = system.sides[local.mode]?.order.begun;
      local.saga = first?.to ?? 0;
      local.messages = first?.says ?? 0;
      local.available = pieces;
      writeOrder(begun, slot, local);
    });
    canonise(begun, orders.length, places);
    return begun;
  }

  /** Payment is one process: all its calls and the answers on their way to it are gone at once. */
  function crash(from: Int32Array, visit: (step: Step) => void): void {
    words.set(from);
    let isAnything = false;
    for (let slot = 0; slot < orders.length; slot += 1) {
      readOrder(from, slot, after);
      isAnything ||= after.wire !== 0;
      after.wire = 0;
      writeOrder(words, slot, after);
    }
    if (isAnything) {
      readOrder(from, orders.length - 1, before);
      canonise(words, orders.length, places);
      step.move = moveOf("crash");
      step.slot = orders.length - 1;
      visit(step);
    }
  }
}
