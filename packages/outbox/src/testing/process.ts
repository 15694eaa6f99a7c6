import { readConfig, armFailpoints, systemClock, systemRng } from "@ordersaga/kernel";
import { connectJetStream } from "@ordersaga/messaging";
import { silentLogger } from "@ordersaga/telemetry";

import { createOutbox } from "../outbox.ts";
import { emitCauses, openTestDatabase, recordEffects, shortLimits } from "./world.ts";
import { processSettings } from "./process-settings.ts";

// A process of its own, for tests that kill one: emits some events, and handles what it hears.
const config = readConfig(processSettings, process.env);
armFailpoints(config.FAILPOINTS);
const database = await openTestDatabase(config.DATABASE_URL);
const bus = await connectJetStream({
  servers: config.NATS_URL,
  prefix: config.NATS_PREFIX,
  name: config.SERVICE,
  log: silentLogger,
});
const outbox = createOutbox({
  database,
  bus,
  service: config.SERVICE,
  clock: systemClock,
  rng: systemRng,
  log: silentLogger,
  limits: { ...shortLimits, workWithinMs: 500 },
});
const reaction = recordEffects((events) => {
  if (events.some(({ payload }) => payload.code === "killer")) {
    process.kill(process.pid, "SIGKILL");
  }
});
await outbox.start(config.LISTENS ? [reaction] : []);
for (const code of config.EMITS.split(",").filter((text) => text !== "")) {
  await outbox.unitsOfWork.run(async (uow) => emitCauses(uow, code));
}
