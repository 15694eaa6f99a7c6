import { connectJetStream } from "@ordersaga/messaging";
import { silentLogger } from "@ordersaga/telemetry";
import { testNats, waitFor } from "@ordersaga/testkit";

import { createWorld, emitCauses, recordEffects, shortLimits } from "../src/testing/world.ts";

// How many events a second go through one reaction in one process: emitted in sets of `perWork` events,
// written to the outbox, published, delivered, checked against the inbox, handled (one row each), committed.
// `node packages/outbox/bench/sets.ts [events] [events per unit of work] [units of work at once]`
const [total = 200_000, perWork = 500, atOnce = 3] = process.argv.slice(2).map(Number);

await using nats = await testNats();
await using world = await createWorld("outbox_bench");
const { servers, prefix } = nats;
await using bus = await connectJetStream({ servers, prefix, name: "bench", log: silentLogger });
const patient = { ...shortLimits, ackWaitMs: 30_000, sweepAfterMs: 2000, streamCheckEveryMs: 2000 };

let handled = 0;
let sets = 0;
const reaction = recordEffects((events) => {
  handled += events.length;
  sets += 1;
});
const outbox = await world.outbox({ bus, limits: patient });
await outbox.start([reaction]);

const codes = Array.from({ length: perWork }, (_event, index) => `code ${index}`);
const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
let left = Math.ceil(total / perWork);
const emitted = left * perWork;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (left-- > 0) {
      await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, ...codes));
    }
  }),
);
const emittedMs = performance.now() - startedMs;
await waitFor(() => handled >= emitted, { withinMs: 120_000, everyMs: 5 });
const handledMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(cpuBefore);

const perSecond = (ms: number) => Math.round((emitted / ms) * 1000).toLocaleString("en");
console.log(`${emitted} events, ${perWork} per unit of work, ${sets} sets`);
console.log(`emitted ${perSecond(emittedMs)}/s; emitted and handled ${perSecond(handledMs)}/s`);
console.log(`CPU of this process: ${((user + system) / emitted).toFixed(1)} µs for each event`);
await outbox.stop();
