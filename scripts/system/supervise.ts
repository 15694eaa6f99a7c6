import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { ServiceRow } from "./service-table.ts";

/** One service process that is kept alive. */
export type Supervised = {
  /** Sends any signal to the process that runs now; false when none does. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
  /** Starts it again after `stop`. */
  readonly start: () => void;
  /** Sends SIGTERM and waits for the end; SIGKILL after ten seconds. It is not started again. */
  readonly stop: () => Promise<void>;
};

export type SuperviseOptions = {
  readonly row: ServiceRow;
  readonly checkout: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its output goes to `<logFolder>/<service>.log`. */
  readonly logFolder: string;
  /** Told in a sentence what happened to the process. */
  readonly onEvent: (sentence: string) => void;
};

const restartAfterMs = 1000;
const killAfterMs = 10_000;
/** A process that dies sooner than this after its start, so often in a row, is left alone. */
const quickDeathMs = 5000;
const quickDeathLimit = 3;

/**
 * Runs a service as a process of its own. One that is killed or crashes is started again after a
 * second, except when it dies at once three times in a row; one that ends by itself (SIGTERM) stays down.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { row, onEvent } = options;
  mkdirSync(options.logFolder, { recursive: true });
  const log = openSync(logOf(options), "a");
  let child: ChildProcess | undefined;
  let isStopping = false;
  let quickDeaths = 0;

  const start = (): void => {
    const startedAt = performance.now();
    child = spawn(process.execPath, ["src/main.ts"], {
      cwd: join(options.checkout, "services", row.name),
      env: { ...process.env, ...options.environment },
      stdio: ["ignore", log, log],
    });
    child.once("exit", (code, signal) => {
      child = undefined;
      if (isStopping) {
        return;
      }
      if (code === 0) {
        onEvent(`${row.name} has stopped. Start it again with: npm start -w services/${row.name}`);
        return;
      }
      quickDeaths = performance.now() - startedAt < quickDeathMs ? quickDeaths + 1 : 0;
      const how = signal ?? `exit code ${code}`;
      if (quickDeaths >= quickDeathLimit) {
        onEvent(`${row.name} dies at once (${how}); its log is ${logOf(options)}`);
        return;
      }
      onEvent(`${row.name} died (${how}); it is started again`);
      void sleep(restartAfterMs).then(() => isStopping || start());
    });
  };
  start();

  return {
    signal: (signal) => child?.kill(signal) ?? false,
    start() {
      if (child === undefined) {
        isStopping = false;
        start();
      }
    },
    async stop() {
      isStopping = true;
      const running = child;
      if (running !== undefined) {
        const ended = new Promise((resolve) => running.once("exit", resolve));
        running.kill("SIGTERM");
        const timer = setTimeout(() => running.kill("SIGKILL"), killAfterMs);
        await ended;
        clearTimeout(timer);
      }
    },
  };
}

/** Where a service's output is written. */
export function logOf({ logFolder, row }: Pick<SuperviseOptions, "logFolder" | "row">): string {
  return join(logFolder, `${row.name}.log`);
}
