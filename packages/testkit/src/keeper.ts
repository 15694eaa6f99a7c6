/**
 * The background process that keeps a PostgreSQL and a nats-server for test files that are run alone. It
 * answers on a socket; a client stays connected as long as it uses them. Five minutes after the last one
 * left, it stops them, deletes their data and ends.
 */
import { existsSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

import { startNats, startPostgres } from "@ordersaga/local-servers";

import type { KeeperLine } from "./keeper-client.ts";
import { keeperFolder } from "./keeper-folder.ts";
import { testSettings } from "./test-settings.ts";

const idleMs = 5 * 60_000;
const place = keeperFolder();
const clients = new Set<Socket>();
const lines: KeeperLine[] = [];
let idleTimer: NodeJS.Timeout | undefined;

const server = createServer((client) => {
  clearTimeout(idleTimer);
  clients.add(client);
  client.on("error", () => undefined);
  client.on("close", () => {
    clients.delete(client);
    startIdling();
  });
  lines.slice(-1).forEach((line) => sendLine(client, line));
});

await listen();
startIdling();
const progress = (line: string): void => say({ progress: line });
const stops: (() => Promise<void>)[] = [];
process.once("SIGTERM", () => void finish());
process.once("SIGINT", () => void finish());
try {
  const postgres = await startPostgres({
    dataDir: join(place.folder, "postgres"),
    port: 0,
    settings: testSettings,
    progress,
  });
  stops.push(postgres.stop);
  const nats = await startNats({ dataDir: join(place.folder, "nats"), port: 0, progress });
  stops.push(nats.stop);
  say({ servers: { postgresUrl: postgres.adminUrl, natsUrl: nats.url } });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
  await finish();
}

async function listen(): Promise<void> {
  if (existsSync(place.socket)) {
    if (await isAnswered()) {
      process.exit(0);
    }
    rmSync(place.socket, { force: true });
  }
  await new Promise<void>((resolve) => {
    server.once("error", () => process.exit(0));
    server.listen(place.socket, resolve);
  });
}

async function isAnswered(): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(place.socket);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function say(line: KeeperLine): void {
  lines.push(line);
  clients.forEach((client) => sendLine(client, line));
}

function sendLine(client: Socket, line: KeeperLine): void {
  client.write(`${JSON.stringify(line)}\n`);
}

function startIdling(): void {
  if (clients.size === 0) {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => void finish(), idleMs);
  }
}

async function finish(): Promise<void> {
  server.close();
  rmSync(place.socket, { force: true });
  await Promise.all(stops.map(async (stop) => await stop()));
  rmSync(place.folder, { recursive: true, force: true });
  process.exit(0);
}
