/** `npm run load`: places many orders on a running system, waits for their end and checks the books. */
import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { connectToRunningSystem } from "../system/clients.ts";
import { colour } from "../terminal/colour.ts";
import { fail, readOptions, wholeNumber } from "../terminal/options.ts";
import { startProgress } from "../terminal/progress.ts";
import { seedLoadCatalogue } from "./catalogue.ts";
import { percentilesOf } from "./percentiles.ts";
import { type LoadShape, placeOrders } from "./place-orders.ts";
import { countByStatus, durationMs, readSagas, waitForEnd } from "./read-sagas.ts";
import { checkSession } from "./witness.ts";

const options = readOptions("npm run load -- [options]: orders through gRPC on a running system", {
  orders: { default: "10000", description: "orders to place" },
  concurrency: { default: "128", description: "calls in flight at most" },
  rate: { default: "0", description: "orders per second (open loop); 0 for as fast as answered" },
  products: {
    default: "100",
    description: "products to spread the orders over; 1 is a flash sale",
  },
  lines: { default: "1", description: "lines of each order" },
  declined: { default: "5", description: "per cent of the orders whose payment is declined" },
  coordination: { default: "", description: "choreography or orchestration" },
  within: { default: "300", description: "seconds to wait for the end of all sagas" },
});
const number = (name: keyof typeof options, limits: { min: number; max: number }): number =>
  wholeNumber(name, { text: options[name], ...limits });

const coordinations: Readonly<Record<string, Coordination>> = {
  "": Coordination.UNSPECIFIED,
  choreography: Coordination.CHOREOGRAPHY,
  orchestration: Coordination.ORCHESTRATION,
};
const shape: LoadShape = {
  orders: number("orders", { min: 1, max: 5_000_000 }),
  concurrency: number("concurrency", { min: 1, max: 5000 }),
  ratePerSecond: number("rate", { min: 0, max: 100_000 }),
  linesPerOrder: number("lines", { min: 1, max: 100 }),
  declinedPercent: number("declined", { min: 0, max: 100 }),
  coordination:
    coordinations[options.coordination] ??
    fail(`--coordination takes choreography or orchestration, not "${options.coordination}"`),
};
const products = Math.max(shape.linesPerOrder, number("products", { min: 1, max: 1000 }));

using clients = connectToRunningSystem();
const catalogue = await seedLoadCatalogue(clients, {
  sessionId: `load-${Date.now().toString(36)}`,
  products,
  stockOfEach: shape.orders * 2 + 10,
});
const { sessionId } = catalogue;

const startedAt = performance.now();
const accepting = startProgress("accepted", shape.orders);
const placed = await placeOrders(clients, { shape, catalogue, onProgress: accepting.show });
accepting.end();
await waitForEnd(clients, {
  sessionId,
  withinMs: number("within", { min: 1, max: 86_400 }) * 1000,
  onWaiting: () => accepting.show(placed.accepted, "waiting for the last sagas to end"),
});
const elapsedMs = performance.now() - startedAt;

const sagas = await readSagas(clients, sessionId);
const accept = percentilesOf(placed.acceptMs);
const complete = percentilesOf(sagas.map(durationMs));
const findings = await checkSession(clients, catalogue);
const lost = placed.accepted - sagas.length;

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";
console.log(`
  session      ${sessionId}
  accepted     ${placed.accepted} orders at ${Math.round((placed.accepted * 1000) / placed.elapsedMs)}/s
  refused      ${list(placed.refused)}
  ended        ${list(countByStatus(sagas))}
  ${colour("bold", `sagas/s      ${Math.round((sagas.length * 1000) / elapsedMs)}`)}
  accept       p50 ${ms(accept.p50)}   p99 ${ms(accept.p99)}   max ${ms(accept.max)}
  complete     p50 ${ms(complete.p50)}   p99 ${ms(complete.p99)}   max ${ms(complete.max)}
`);
for (const { claim, isTrue, seen } of findings) {
  console.log(
    `  ${isTrue ? colour("green", "✓") : colour("red", "✗")} ${claim} ${colour("grey", `(${seen})`)}`,
  );
}
if (lost > 0) {
  console.log(colour("red", `  ✗ ${lost} accepted orders have no saga`));
}
process.exitCode = lost > 0 || findings.some(({ isTrue }) => !isTrue) ? 1 : 0;
