/** `npm run explore`: every interleaving of small worlds, driving the real decisions of all services. */
import { realRules } from "../../tests/exploration/parties/rules.ts";
import { type Exploration, explore } from "../../tests/exploration/search/explore.ts";
import type { World } from "../../tests/exploration/world/world.ts";
import { largeWorlds, smallWorlds } from "../../tests/exploration/worlds.ts";
import { readOptions, wholeNumber } from "../terminal/options.ts";
import { describeTotals, describeWorld, tableHead } from "./report.ts";

const options = readOptions("npm run explore -- [options]: every interleaving of small worlds", {
  "max-states": { default: "30000000", description: "states of one world at most" },
  seconds: { default: "900", description: "time for all worlds together" },
  world: { default: "", description: "only worlds whose name contains this text" },
});
const maxStates = wholeNumber("max-states", {
  text: options["max-states"],
  min: 1,
  max: 60_000_000,
});
const seconds = wholeNumber("seconds", { text: options.seconds, min: 1, max: 86_400 });
const startedAt = performance.now();
const worlds = [...smallWorlds, ...largeWorlds].filter(({ name }) => name.includes(options.world));

console.log(tableHead);
const results = worlds.flatMap((world) => (isTimeUp() ? [] : [exploreOne(world)]));
console.log(`\n${describeTotals(results, secondsSince(startedAt))}`);
const skipped = worlds.length - results.length;
if (skipped > 0) {
  console.log(`${skipped} worlds were not begun: the time was up`);
}
process.exitCode = results.some(({ violation }) => violation !== undefined) ? 1 : 0;

function exploreOne(world: World): Exploration {
  const begunAt = performance.now();
  let toldAt = begunAt;
  const result = explore(world, realRules, {
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
