import assert from "node:assert/strict";
import { test } from "node:test";

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { connectJetStream } from "@ordersaga/messaging";
import { silentLogger } from "@ordersaga/telemetry";
import { testNats, waitFor } from "@ordersaga/testkit";

import { createWorld, effectsOf, emitCauses, recordEffects } from "../testing/world.ts";

test("streams deleted at the broker in the middle of it all lose nothing and repeat nothing", async () => {
  await using nats = await testNats();
  const { servers, prefix } = nats;
  await using world = await createWorld("outbox_deleted");
  const bus = await connectJetStream({
    servers,
    prefix,
    name: "test",
    log: silentLogger,
    checkEveryMs: 100,
  });
  const sender = await world.outbox({ bus });
  await sender.start([]);
  const receiver = await world.outbox({ bus, service: "receiver" });
  const count = 300;
  let heard = 0;
  await receiver.start([
    recordEffects((events) => {
      heard += events.length;
    }),
  ]);
  const emitting = (async () => {
    for (let index = 0; index < count; index += 1) {
      await sender.unitsOfWork.run(async (uow) => emitCauses(uow, `n${index}`));
    }
  })();
  await waitFor(() => heard > 20, { withinMs: 10_000 });
  await deleteStreams(servers, prefix);
  await emitting;
  await waitFor(async () => Object.keys(await effectsOf(world.tables)).length === count, {
    withinMs: 20_000,
    describe: "all effects",
  });
  const effects = Object.values(await effectsOf(world.tables));
  assert.deepEqual(new Set(effects), new Set([1]));
  await Promise.all([sender.stop(), receiver.stop()]);
  await bus[Symbol.asyncDispose]();
});

async function deleteStreams(servers: string, prefix: string): Promise<void> {
  const connection = await connect({ servers });
  const manager = await jetstreamManager(connection);
  let count = 0;
  for await (const name of manager.streams.names()) {
    if (name.toLowerCase().startsWith(prefix)) {
      await manager.streams.delete(name);
      count += 1;
    }
  }
  await connection.close();
  assert.ok(count >= 2);
}
