import assert from "node:assert/strict";
import { test } from "node:test";

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

import { testNats } from "./index.ts";

test("streams with the prefix are gone after the test, others stay", async () => {
  await using other = await testNats();
  const nats = await testNats();
  const connection = await connect({ servers: nats.servers });
  const manager = await jetstreamManager(connection);
  for (const prefix of [nats.prefix, other.prefix]) {
    await manager.streams.add({ name: `${prefix}_ORDER`, subjects: [`${prefix}.order.>`] });
  }
  await nats[Symbol.asyncDispose]();
  await assert.rejects(manager.streams.info(`${nats.prefix}_ORDER`), /not found/);
  await manager.streams.info(`${other.prefix}_ORDER`);
  await connection.close();
});
