import type { Rules } from "../parties/rules.ts";
import { wordsOf } from "../world/state.ts";
import { createSystem } from "../world/system.ts";
import type { World } from "../world/world.ts";
import { createJudge, type Verdict } from "./judge.ts";
import { createStateStore } from "./state-store.ts";
import { createSuccessors } from "./successors.ts";
import { traceOf } from "./trace.ts";

/** What came of an exploration. */
export type Exploration = {
  readonly states: number;
  /** Steps that were taken, those into known states included. */
  readonly transitions: number;
  /** Steps from a beginning to the furthest state. */
  readonly depth: number;
  /** Every reachable state was reached. */
  readonly isComplete: boolean;
  readonly bytes: number;
  readonly violation: Violation | undefined;
};

/** A broken rule and the shortest way to it. */
export type Violation = { readonly what: string; readonly trace: readonly string[] };

export type Bounds = {
  readonly maxStates: number;
  /** Asked every few thousand states; true ends the exploration. */
  readonly isTimeUp?: () => boolean;
  readonly onProgress?: (progress: Pick<Exploration, "states" | "transitions" | "depth">) => void;
};

/** A broken rule and where: in a state, or on the way from it to a last one that is not stored. */
type Finding = Verdict & { readonly state: number; readonly last?: Int32Array };

/**
 * Visits every state of a world, breadth first, and judges each. Ends at the first broken rule, whose
 * trace is a shortest one, or at a bound.
 */
export function explore(world: World, rules: Rules, bounds: Bounds): Exploration {
  const system = createSystem(world, rules);
  const successors = createSuccessors(system);
  const judge = createJudge(system);
  const store = createStateStore(wordsOf(world.orders.length));
  const from = new Int32Array(wordsOf(world.orders.length));
  let transitions = 0;
  let depth = 0;
  /** At most one: the search ends with the first. */
  const findings: Finding[] = [];

  for (const words of successors.beginnings()) {
    const state = store.add(words, -1);
    const verdict = judge(words);
    if (verdict !== undefined && findings.length === 0) {
      findings.push({ ...verdict, state });
    }
  }
  let levelEnd = store.size();
  let state = 0;
  let isTimeUp = false;
  for (; state < store.size() && findings.length === 0; state += 1) {
    if (state === levelEnd) {
      depth += 1;
      levelEnd = store.size();
    }
    if (state % 4096 === 4095) {
      isTimeUp = bounds.isTimeUp?.() === true;
      bounds.onProgress?.({ states: store.size(), transitions, depth });
    }
    if (isTimeUp || store.size() >= bounds.maxStates) {
      break;
    }
    from.set(store.at(state));
    const parent = state;
    successors.of(from, ({ after, words }) => {
      transitions += 1;
      if (findings.length > 0 || (after.fault === undefined && isSame(words, from))) {
        return;
      }
      if (after.fault !== undefined) {
        findings.push({ what: after.fault, state: parent, last: words.slice() });
        return;
      }
      const known = store.size();
      const child = store.add(words, parent);
      if (child === known) {
        const verdict = judge(words);
        if (verdict !== undefined) {
          findings.push({ ...verdict, state: child });
        }
      }
    });
  }
  const [found] = findings;
  return {
    states: store.size(),
    transitions,
    depth,
    isComplete: found === undefined && state === store.size(),
    bytes: store.bytes(),
    violation:
      found === undefined
        ? undefined
        : {
            what: found.what,
            trace: [...traceOf({ system, store, ...found }), ...(found.recovery ?? [])],
          },
  };
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  for (let word = 0; word < one.length; word += 1) {
    if (one[word] !== other[word]) {
      return false;
    }
  }
  return true;
}
