/**
 * `npm run saga:diagram`: prints the saga of an order as Mermaid sequence diagrams, one for each mode, from
 * its definition. `npm run saga:diagram -- orchestration` prints only that one, for a file or a pipe.
 */
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { placeOrder } from "@ordersaga/place-order";
import { sagaDiagram } from "@ordersaga/saga";

const modes = {
  choreography: Coordination.CHOREOGRAPHY,
  orchestration: Coordination.ORCHESTRATION,
} as const;

const [wanted] = process.argv.slice(2);
const chosen = Object.entries(modes).filter(([name]) => wanted === undefined || name === wanted);
if (chosen.length === 0) {
  console.error(`"${wanted}" is none of ${Object.keys(modes).join(", ")}`);
  process.exitCode = 1;
}
for (const [name, coordination] of chosen) {
  console.log(`%% ${placeOrder.name} version ${placeOrder.version}, ${name}`);
  console.log(sagaDiagram(placeOrder, coordination));
}
