/**
 * `npm run explore`: every interleaving of small worlds, driving the real decisions of all services. With
 * `--mutant 14` the rule that keeps trace 14 of the protocol closed is switched off, and is to be missed.
 */
import { mutants } from "../../tests/exploration/mutants/index.ts";
import { realRules, type Rules } from "../../tests/exploration/parties/rules.ts";
import { type Exploration, explore } from "../../tests/exploration/search/explore.ts";
import type { World } from "../../tests/exploration/world/world.ts";
import { largeWorlds, smallWorlds } from "../../tests/exploration/worlds.ts";
import { fail, readOptions, wholeNumber } from "../terminal/options.ts";
import { describeTotals, describeWorld, tableHead } from "./report.ts";

const options = readOptions("npm run explore -- [options]: every interleaving of small worlds", {
  "max-states": { default: "30000000", description: "states of one world at most" },
  seconds: { default: "900", description: "time for all worlds together" },
  world: { default: "", description: "only worlds whose name contains this text" },
  mutant: { default: "", description: "switch off the rule behind this trace of the protocol" },
});
const maxStates = wholeNumber("max-states", {
  text: options["max-states"],
  min: 1,
  max: 60_000_000,
});
const seconds = wholeNumber("seconds", { text: options.seconds, min: 1, max: 86_400 });
const startedAt = performance.now();
const planned = plan().filter(({ world }) => world.name.includes(options.world));
if (planned.length === 0) {
  fail(`no world has "${options.world}" in its name`);
}

console.log(tableHead);
const results = planned.flatMap((each) => (isTimeUp() ? [] : [exploreOne(each)]));
console.log(`\n${describeTotals(results, secondsSince(startedAt))}`);
if (planned.length > results.length) {
  console.log(`${planned.length - results.length} worlds were not begun: the time was up`);
}
process.exitCode = results.some(({ violation }) => violation !== undefined) ? 1 : 0;

type Planned = { readonly world: World; readonly rules: Rules };

function plan(): readonly Planned[] {
  if (options.mutant === "") {
    return [...smallWorlds, ...largeWorlds].map((world) => ({ world, rules: realRules }));
  }
  const trace = wholeNumber("mutant", { text: options.mutant, min: 1, max: 15 });
  return mutants
    .filter((mutant) => mutant.trace === trace)
    .flatMap(({ name, rules, worlds }) =>
      worlds.map((world) => ({ world: { ...world, name: `${name} (${world.name})` }, rules })),
    );
}

function exploreOne({ world, rules }: Planned): Exploration {
  const begunAt = performance.now();
  let toldAt = begunAt;
  const result = explore(world, rules, {
    maxStates,
    isTimeUp,
    onProgress: ({ states, depth }) => {
      if (process.stderr.isTTY && performance.now() - toldAt > 500) {
        toldAt = performance.now();
        process.stderr.write(`\r${world.name}: ${states} states, ${depth} deep\u001B[K`);
      }
    },
  });
  if (process.stderr.isTTY) {
    process.stderr.write("\r\u001B[K");
  }
  console.log(describeWorld(world, result, secondsSince(begunAt)));
  return result;
}

function isTimeUp(): boolean {
  return secondsSince(startedAt) > seconds;
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1000;
}
