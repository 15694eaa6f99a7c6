import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { ServiceRow } from "./service-table.ts";

/** One service process that is kept alive. */
export type Supervised = {
  /** Sends any signal to the process that runs now; false when none does. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
  /** Starts it again after `stop`, with settings for this one life: the lives after it have them not. */
  readonly start: (forThisLife?: Readonly<Record<string, string>>) => void;
  /** Sends SIGTERM and waits for the end; SIGKILL after ten seconds. It is not started again. */
  readonly stop: () => Promise<void>;
  /** Resolves when the process that runs now has ended; at once when none does. */
  readonly ended: () => Promise<LifeEnd>;
};

/** How a process ended; both are null when there was none. */
export type LifeEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type SuperviseOptions = {
  readonly row: ServiceRow;
  readonly checkout: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its output goes to `<logFolder>/<service>.log`. */
  readonly logFolder: string;
  /** Told in a sentence what happened to the process. */
  readonly onEvent: (sentence: string) => void;
  /** One that died is started again after this; a second unless given. */
  readonly restartAfterMs?: number | undefined;
  /** Is started again however often it dies at once. */
  readonly isKilledOnPurpose?: boolean | undefined;
};

const killAfterMs = 10_000;
/** A process that dies sooner than this after its start, so often in a row, is left alone. */
const quickDeathMs = 5000;
const quickDeathLimit = 3;

/**
 * Runs a service as a process of its own. One that is killed or crashes is started again after a
 * second, except when it dies at once three times in a row; one that ends by itself (SIGTERM) stays down.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { row, onEvent, restartAfterMs = 1000 } = options;
  mkdirSync(options.logFolder, { recursive: true });
  const log = openSync(logOf(options), "a");
  let child: ChildProcess | undefined;
  let ended: Promise<LifeEnd> = Promise.resolve({ code: null, signal: null });
  let isStopping = false;
  let quickDeaths = 0;

  const start = (forThisLife: Readonly<Record<string, string>> = {}): void => {
    const startedAt = performance.now();
    const life = spawn(process.execPath, ["src/main.ts"], {
      cwd: join(options.checkout, "services", row.name),
      env: { ...process.env, ...options.environment, ...forThisLife },
      stdio: ["ignore", log, log],
    });
    child = life;
    ended = new Promise((resolve) => {
      life.once("exit", (code, signal) => resolve({ code, signal }));
    });
    life.once("exit", (code, signal) => {
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
      if (quickDeaths >= quickDeathLimit && options.isKilledOnPurpose !== true) {
        onEvent(`${row.name} dies at once (${how}); its log is ${logOf(options)}`);
        return;
      }
      onEvent(`${row.name} died (${how}); it is started again`);
      void sleep(restartAfterMs).then(() => isStopping || child !== undefined || start());
    });
  };
  start();

  return {
    signal: (signal) => child?.kill(signal) ?? false,
    ended: async () => await ended,
    start(forThisLife) {
      if (child === undefined) {
        isStopping = false;
        start(forThisLife);
      }
    },
    async stop() {
      isStopping = true;
      const running = child;
      if (running !== undefined) {
        running.kill("SIGTERM");
        const timer = setTimeout(() => running.kill("SIGKILL"), killAfterMs);
        await ended;
        clearTimeout(timer);
      }
    },
  };
}

/** Where a service's output is written. */
export function logOf(service: {
  readonly logFolder: string;
  readonly row: Pick<ServiceRow, "name">;
}): string {
  const { logFolder, row } = service;
  return join(logFolder, `${row.name}.log`);
}
