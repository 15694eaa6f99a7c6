import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { type KeeperFolder, keeperFolder } from "./keeper-folder.ts";
import type { TestServers } from "./test-servers.ts";

/** What the keeper says, one JSON line each. */
export type KeeperLine =
  | { readonly progress: string }
  | { readonly servers: TestServers }
  | { readonly error: string };

/**
 * Asks the background process that keeps servers for tests, and starts it when there is none. It keeps
 * them as long as this process lives, and some minutes more.
 */
export async function connectToKeeper(): Promise<TestServers> {
  const place = keeperFolder();
  const socket = (await tryToConnect(place)) ?? (await startKeeper(place));
  const servers = await readAnswer(socket);
  socket.unref();
  return servers;
}

async function startKeeper(place: KeeperFolder): Promise<Socket> {
  const log = openSync(place.log, "a");
  const keeper = spawn(process.execPath, [join(import.meta.dirname, "keeper.ts")], {
    cwd: place.folder,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });
  closeSync(log);
  keeper.unref();
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = await tryToConnect(place);
    if (socket !== undefined) {
      return socket;
    }
    await sleep(50);
  }
  throw new Error(`the keeper of servers for tests does not start: see ${place.log}`);
}

async function tryToConnect(place: KeeperFolder): Promise<Socket | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(place.socket);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

async function readAnswer(socket: Socket): Promise<TestServers> {
  for await (const text of createInterface({ input: socket })) {
    const line = JSON.parse(text) as KeeperLine;
    if ("servers" in line) {
      return line.servers;
    }
    if ("error" in line) {
      throw new Error(line.error);
    }
    process.stderr.write(`testkit: ${line.progress}\n`);
  }
  throw new Error("the keeper of servers for tests ended early");
}
