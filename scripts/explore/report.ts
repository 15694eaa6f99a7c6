import type { Exploration } from "../../tests/exploration/search/explore.ts";
import type { World } from "../../tests/exploration/world/world.ts";

/** The head of the table whose lines {@link describeWorld} makes. */
export const tableHead = line(["world", "states", "transitions", "depth", "seconds", "MB", "end"]);

/** One world's line, with the shortest trace below it if a rule was broken. */
export function describeWorld(world: World, found: Exploration, seconds: number): string {
  const { states, transitions, depth, bytes, isComplete, violation } = found;
  const cells = [
    world.name,
    states.toLocaleString("en"),
    transitions.toLocaleString("en"),
    String(depth),
    seconds.toFixed(1),
    (bytes / 1e6).toFixed(0),
  ];
  if (violation === undefined) {
    return line([...cells, isComplete ? "complete" : "bounded"]);
  }
  const steps = violation.trace.map((step, index) => `  ${index + 1}. ${step}`);
  return [line([...cells, "VIOLATION"]), `  ${violation.what}`, ...steps].join("\n");
}

/** The last line: all worlds together. */
export function describeTotals(results: readonly Exploration[], seconds: number): string {
  const states = results.reduce((sum, each) => sum + each.states, 0);
  const transitions = results.reduce((sum, each) => sum + each.transitions, 0);
  const violations = results.filter(({ violation }) => violation !== undefined).length;
  const whole = results.filter(({ isComplete }) => isComplete).length;
  return (
    `${results.length} worlds (${whole} complete), ${states.toLocaleString("en")} states, ` +
    `${transitions.toLocaleString("en")} transitions, ${seconds.toFixed(0)} s, ` +
    `${violations} violations`
  );
}

function line([name = "", ...cells]: readonly string[]): string {
  return [name.padEnd(86), ...cells.map((cell) => cell.padStart(12))].join("");
}
