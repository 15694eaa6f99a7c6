import { randomBytes } from "node:crypto";

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

import { testServers } from "./test-servers.ts";

/** A part of the shared nats-server for one test file. */
export type TestNats = AsyncDisposable & {
  /** URL of the server. */
  readonly servers: string;
  /** Lower-case letters and digits, to stand in front of all streams, durables and subjects. */
  readonly prefix: string;
};

/** Takes a prefix of its own. Disposing of it deletes the streams whose names begin with the prefix. */
export async function testNats(): Promise<TestNats> {
  const { natsUrl: servers } = await testServers();
  const prefix = `t${randomBytes(5).toString("hex")}`;
  return {
    servers,
    prefix,
    [Symbol.asyncDispose]: async () => await deleteStreams(servers, prefix),
  };
}

async function deleteStreams(servers: string, prefix: string): Promise<void> {
  const connection = await connect({ servers });
  try {
    const manager = await jetstreamManager(connection);
    for await (const name of manager.streams.names()) {
      if (name.toLowerCase().startsWith(prefix)) {
        await manager.streams.delete(name);
      }
    }
  } finally {
    await connection.close();
  }
}
