import type { System } from "../world/system.ts";
import { describeStep } from "./describe-step.ts";
import type { StateStore } from "./state-store.ts";
import { createSuccessors } from "./successors.ts";

/** How a state was reached, in words, one line for each step. */
export function traceOf(given: {
  readonly system: System;
  readonly store: StateStore;
  readonly state: number;
  /** A state behind it that is not in the store. */
  readonly last?: Int32Array;
}): readonly string[] {
  const { system, store, state, last } = given;
  const path: Int32Array[] = last === undefined ? [] : [last];
  for (let index = state; index !== -1; index = store.parentOf(index)) {
    path.unshift(store.at(index));
  }
  const successors = createSuccessors(system);
  let names = system.world.orders.map((_mode, slot) => slot + 1);
  const lines: string[] = [];
  for (const [index, words] of path.entries()) {
    const next = path[index + 1];
    let line: string | undefined;
    let renamed = names;
    if (next !== undefined) {
      successors.of(words, (step) => {
        if (line === undefined && isSame(step.words, next)) {
          const name = names.length > 1 ? `order ${names[step.slot]}: ` : "";
          line = `${name}${describeStep(system, step)}`;
          renamed = step.places.map((place) => names[place] ?? 0);
        }
      });
      lines.push(line ?? "?");
    }
    names = renamed;
  }
  return lines;
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  return one.every((word, index) => word === other[index]);
}
