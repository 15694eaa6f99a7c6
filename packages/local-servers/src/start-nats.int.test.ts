import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

import { DataInUseError, startNats } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-nats-"));
after(() => rmSync(folder, { recursive: true }));

test("streams survive a kill and a restart on the same port, and a wipe deletes them", async (t) => {
  const nats = await startNats({ dataDir: join(folder, "a"), port: 0 });
  t.after(nats.stop);
  await withManager(nats.url, async (manager) => {
    await manager.streams.add({ name: "ORDER", subjects: ["order.>"] });
  });
  await nats.kill();
  await nats.restart();
  assert.deepEqual(await streamNames(nats.url), ["ORDER"]);
  assert.throws(() => nats.wipe(), /stop it before/);
  await nats.stop();
  nats.wipe();
  await nats.restart();
  assert.deepEqual(await streamNames(nats.url), []);
});

test("a port or a folder that is taken is a sentence", async (t) => {
  const nats = await startNats({ dataDir: join(folder, "b"), port: 0 });
  t.after(nats.stop);
  await assert.rejects(
    startNats({ dataDir: join(folder, "c"), port: nats.port }),
    /^Error: Port [0-9]+ is taken by another program/,
  );
  await assert.rejects(
    startNats({ dataDir: join(folder, "b"), port: 0 }),
    (error) => error instanceof DataInUseError && error.ownerPid === process.pid,
  );
});

async function streamNames(url: string): Promise<readonly string[]> {
  return await withManager(url, async (manager) => await Array.fromAsync(manager.streams.names()));
}

async function withManager<T>(
  servers: string,
  use: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers });
  try {
    return await use(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}
