import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { claimData, type DataClaim } from "./data-claim.ts";
import { explainingFileFailures } from "./file-failure.ts";
import { findNatsServer } from "./find-nats-server.ts";
import { freePort } from "./free-port.ts";
import { describeNatsFailure, saysPortIsTaken } from "./nats-failure.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

/** A nats-server of our own, with JetStream on files, that runs on this machine. */
export type LocalNats = {
  readonly url: string;
  readonly port: number;
  /** Of the server process at this moment. */
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
  /** Ends it by SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Stops it unless it has ended already, and starts it again on the same port. */
  readonly restart: () => Promise<void>;
  /** Deletes everything that JetStream stored. Throws while the server runs. */
  readonly wipe: () => void;
};

export type StartNatsOptions = {
  /** Folder of its own for JetStream's files and the log; made when missing. */
  readonly dataDir: string;
  /** 0 for any port that is free. */
  readonly port: number;
  /** Path of the program to run; found or installed when not given. */
  readonly program?: string | undefined;
  /** Hears what takes long, in lines without a full stop. */
  readonly progress?: (line: string) => void;
};

/**
 * Starts nats-server on the loopback address, and resolves when it answers. A server that a crashed
 * process left on the same data is stopped first. Throws a {@link DataInUseError} when a living process
 * runs one, and an Error with a sentence that says what to do when it does not start.
 */
export async function startNats(options: StartNatsOptions): Promise<LocalNats> {
  return await explainingFileFailures(options.dataDir, async () => await start(options));
}

async function start(options: StartNatsOptions): Promise<LocalNats> {
  const { dataDir } = options;
  const progress = options.progress ?? ((): void => undefined);
  const program = await findNatsServer({ program: options.program, progress });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const leftover = { dataDir, signal: "SIGTERM", withinMs: 10_000 } as const;
  let claim = await claimData(leftover);
  try {
    const first = await launch({ program, dataDir, claim, port: options.port });
    const { port } = first;
    let { server } = first;
    const stop = async (): Promise<void> => {
      await server.stop(stopSteps);
      claim.release();
    };
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      pid: () => server.pid,
      stop,
      kill: async () => {
        await server.kill();
        claim.release();
      },
      restart: async () => {
        await stop();
        claim = await claimData(leftover);
        ({ server } = await launch({ program, dataDir, claim, port }));
      },
      wipe: () => {
        if (!server.hasEnded()) {
          throw new Error("nats-server runs: stop it before its store is wiped");
        }
        rmSync(storeIn(dataDir), { recursive: true, force: true });
      },
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

const stopSteps = [
  { signal: "SIGTERM", withinMs: 10_000 },
  { signal: "SIGKILL", withinMs: 5000 },
] as const;

type Launch = {
  readonly program: string;
  readonly dataDir: string;
  readonly claim: DataClaim;
  readonly port: number;
};
type Running = { readonly server: ServerProcess; readonly port: number };

/** Tries again when a free port was taken in between. */
async function launch(options: Launch): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port === 0 ? await freePort() : options.port;
    const name = `ordersaga-${randomUUID()}`;
    const server = await startServerProcess({
      file: options.program,
      args: `--name ${name} --addr 127.0.0.1 --port ${port} --jetstream --store_dir`
        .split(" ")
        .concat(storeIn(options.dataDir)),
      environment: { PATH: "/usr/bin:/bin", TZ: "UTC" },
      runAs: undefined,
      logFile: join(options.dataDir, "server.log"),
      exitSignal: "SIGTERM",
    });
    await options.claim.recordServer(server);
    if (await isAnswering({ server, name, port })) {
      return { server, port };
    }
    await server.kill();
    const log = server.log();
    if (attempt === 5 || options.port !== 0 || !saysPortIsTaken(log)) {
      throw new Error(describeNatsFailure({ log, port, dataDir: options.dataDir }));
    }
  }
}

function storeIn(dataDir: string): string {
  return join(dataDir, "store");
}

/** False when the server ended, or is silent for a minute; another one on the port does not count. */
async function isAnswering(options: {
  readonly server: ServerProcess;
  readonly name: string;
  readonly port: number;
}): Promise<boolean> {
  const { server, name, port } = options;
  for (let waitedMs = 0; waitedMs < 60_000 && !server.hasEnded(); waitedMs += 50) {
    const greeting = await readGreeting(port);
    if (greeting.includes(name) && greeting.includes('"jetstream":true')) {
      return true;
    }
    await sleep(50);
  }
  return false;
}

/** A NATS server speaks first: `INFO {…}`. */
async function readGreeting(port: number): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(2000, () => socket.destroy());
    socket.once("data", (data) => {
      resolve(data.toString("utf8"));
      socket.destroy();
    });
    socket.on("error", () => resolve(""));
    socket.on("close", () => resolve(""));
  });
}
