/**
 * `npm run crash-matrix`: kills each service at each boundary of each message, in both coordinations, and
 * checks that every saga ends right. Ends with 1 when anything was wrong or a failpoint was not reached.
 */
import { colour } from "../terminal/colour.ts";
import { fail, readOptions } from "../terminal/options.ts";
import { type Cell, cellsOf, modes, nameOf } from "./cells.ts";
import type { CellResult } from "./run-cell.ts";
import { runMatrix } from "./run-matrix.ts";

const options = readOptions("npm run crash-matrix -- [options]: dies at every boundary", {
  coordination: { default: "", description: "choreography or orchestration; both unless given" },
  only: { default: "", description: "cells whose name contains this text" },
});
const wanted = modes.filter((mode) => options.coordination === "" || mode === options.coordination);
const cells: readonly Cell[] = wanted
  .flatMap(cellsOf)
  .filter((cell) => nameOf(cell).includes(options.only));
if (cells.length === 0) {
  fail("no cell has such a name in such a coordination");
}

const startedAt = performance.now();
console.log(`${cells.length} cells\n`);
const { cells: results, findings } = await runMatrix(cells, printResult);

const unreached = results.filter(({ isReached }) => !isReached).length;
const wrong = results.filter((result) => result.wrong.length > 0).length;
const recoveries = results.map(({ recoveredMs }) => recoveredMs).filter(Number.isFinite);
console.log(`
  cells        ${results.length} in ${Math.round((performance.now() - startedAt) / 1000)} s
  orders       ${results.reduce((sum, { orders }) => sum + orders, 0)}
  unreached    ${unreached}
  wrong        ${wrong}
  recovered    within ${Math.round(Math.max(...recoveries))} ms of the first death, all sagas of a cell
`);
for (const { claim, isTrue, seen } of findings) {
  const sign = isTrue ? colour("green", "✓") : colour("red", "✗");
  console.log(`  ${sign} ${claim} ${colour("grey", `(${seen})`)}`);
}
process.exitCode = unreached + wrong > 0 || findings.some(({ isTrue }) => !isTrue) ? 1 : 0;

function printResult(result: CellResult): void {
  const { cell, isReached, wrong: sentences, recoveredMs, orders } = result;
  const isGood = isReached && sentences.length === 0;
  const verdict = isGood ? colour("green", "ok       ") : colour("red", "WRONG    ");
  const word = isReached ? verdict : colour("red", "UNREACHED");
  const time = Number.isNaN(recoveredMs) ? "-" : `${Math.round(recoveredMs)} ms`;
  console.log(
    `${word} ${cell.coordination.padEnd(13)} ${nameOf(cell).padEnd(72)} ${time.padStart(8)} ${orders} orders`,
  );
  sentences.forEach((sentence) => console.log(colour("red", `          ${sentence}`)));
}
