/**
 * `npm run chaos`: orders through gRPC while services are killed and paused, servers restarted and wiped,
 * connections cut. Ends with 1 when an invariant does not hold; writes a report to `.data/`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { percentilesOf } from "../load/percentiles.ts";
import { colour } from "../terminal/colour.ts";
import { fail, readOptions, wholeNumber } from "../terminal/options.ts";
import { violationsOf } from "../witness/finding.ts";
import { runChaos } from "./run-chaos.ts";

const options = readOptions("npm run chaos -- [options]: faults under load, then all invariants", {
  sagas: { default: "300", description: "orders to place" },
  faults: { default: "60", description: "faults to inflict" },
  seed: { default: "1", description: "decides every fault and every order" },
  coordination: { default: "", description: "choreography or orchestration; drawn unless given" },
});
const coordinations: Readonly<Record<string, Coordination>> = {
  "": Coordination.UNSPECIFIED,
  choreography: Coordination.CHOREOGRAPHY,
  orchestration: Coordination.ORCHESTRATION,
};
const seed = wholeNumber("seed", { text: options.seed, min: 0, max: 1_000_000_000 });
const faults = wholeNumber("faults", { text: options.faults, min: 1, max: 100_000 });

const report = await runChaos({
  sagas: wholeNumber("sagas", { text: options.sagas, min: 1, max: 1_000_000 }),
  faults,
  seed,
  coordination:
    coordinations[options.coordination] ??
    fail(`--coordination takes choreography or orchestration, not "${options.coordination}"`),
  onFault: (number, { kind, targets, lastsMs }) => {
    const time = lastsMs > 0 ? ` for ${lastsMs} ms` : "";
    console.log(`${`${number}/${faults}`.padStart(9)}  ${kind} ${targets.join(" and ")}${time}`);
  },
});

const folder = join(import.meta.dirname, "../../.data");
const file = join(folder, `chaos-${seed}.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";
const recovery = percentilesOf(report.recoveries.map(({ ms }) => ms));
const violations = violationsOf(report.findings).length;
console.log(`
  seed         ${seed}
  faults       ${list(report.faults)}
  accepted     ${report.clients.accepted}, lost ${report.clients.lost}, unknown ${report.clients.unknown}
  refused      ${list(report.clients.refused)}
  ended        ${list(report.ends)}
  recovery     p50 ${Math.round(recovery.p50)} ms   p99 ${Math.round(recovery.p99)} ms   max ${Math.round(recovery.max)} ms of ${report.recoveries.length} restarts
  settled      ${Math.round(report.settledMs)} ms after the last fault
  elapsed      ${Math.round(report.elapsedMs / 1000)} s
  report       ${file}
`);
for (const [name, count] of Object.entries(report.sometimes)) {
  console.log(`  ${String(count).padStart(6)} ${name}`);
}
console.log("");
for (const { claim, isTrue, seen } of report.findings) {
  const sign = isTrue ? colour("green", "✓") : colour("red", "✗");
  console.log(`  ${sign} ${claim} ${colour("grey", `(${seen})`)}`);
}
console.log(`\n  ${violations} violations`);
process.exitCode = violations > 0 ? 1 : 0;
