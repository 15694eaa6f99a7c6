import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { childrenOf, signalProcess } from "./process-identity.ts";
import type { RunAs } from "./unprivileged-user.ts";

/** A server that runs as a child of this process. */
export type ServerProcess = {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  /** Sends the signals one after the other, each when the one before did not end it in its time. */
  readonly stop: (steps: readonly StopStep[]) => Promise<void>;
  /** Kills it and all its children at once, as a loss of power would. */
  readonly kill: () => Promise<void>;
  /** What it wrote so far, or the end of it. */
  readonly log: () => string;
};

export type StopStep = { readonly signal: NodeJS.Signals; readonly withinMs: number };

export type ServerCommand = {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** User to run as; undefined for our own. */
  readonly runAs: RunAs | undefined;
  /** File that receives what the server writes; the one of the run before gets the suffix `.1`. */
  readonly logFile: string;
  /** How to end it when this process ends without having stopped it. */
  readonly exitSignal: NodeJS.Signals;
};

/**
 * Starts a server in a process group of its own, so that Ctrl-C in a terminal reaches us and not it. It
 * ends with us: on a normal exit by a signal from us, on a crash by the kernel where that is to be had.
 */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const log = openLog(command.logFile);
  const child = spawnServer(command, log);
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const pid = await pidOf(child, command.file);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const onExit = (): void => {
    signalProcess(pid, command.exitSignal);
  };
  process.once("exit", onExit);
  void ended.then(() => process.off("exit", onExit));
  child.unref();
  return {
    pid,
    ended,
    hasEnded,
    stop: async (steps) => {
      for (const { signal, withinMs } of steps) {
        if (!hasEnded()) {
          signalProcess(pid, signal);
          await within(ended, withinMs);
        }
      }
    },
    kill: async () => {
      if (!hasEnded()) {
        // Stopped, it makes no more children while they are listed.
        signalProcess(pid, "SIGSTOP");
        [pid, ...childrenOf(pid)].forEach((member) => signalProcess(member, "SIGKILL"));
      }
      await within(ended, 10_000);
    },
    log: () => readFileSync(command.logFile, "utf8").slice(-20_000),
  };
}

function spawnServer(command: ServerCommand, log: number): ChildProcess {
  const wrapped = isDeathSignalAvailable()
    ? {
        file: "setpriv",
        args: [`--pdeathsig=${command.exitSignal.slice(3)}`, command.file, ...command.args],
      }
    : command;
  return spawn(wrapped.file, wrapped.args, {
    ...command.runAs?.ids,
    cwd: "/",
    detached: true,
    env: command.environment,
    stdio: ["ignore", log, log],
  });
}

let deathSignalIsAvailable: boolean | undefined;

/** util-linux's `setpriv` makes the kernel signal a process when its parent dies. */
function isDeathSignalAvailable(): boolean {
  deathSignalIsAvailable ??=
    process.platform === "linux" &&
    spawnSync("setpriv", ["--pdeathsig=INT", "true"], { timeout: 5000 }).status === 0;
  return deathSignalIsAvailable;
}

function openLog(path: string): number {
  try {
    renameSync(path, `${path}.1`);
  } catch {
    // There was no run before.
  }
  return openSync(path, "w", 0o600);
}

async function pidOf(child: ChildProcess, file: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid ?? 0));
    child.once("error", (error) =>
      reject(new Error(`${file} cannot be started: ${error.message}`, { cause: error })),
    );
  });
}

async function within(ended: Promise<void>, withinMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    ended,
    sleep(withinMs, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
}
