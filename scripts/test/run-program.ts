import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export type ProgramResult = {
  /** Undefined when it had to be killed. */
  readonly status: number | undefined;
  /** What it wrote to both outputs. */
  readonly output: string;
  readonly isLate: boolean;
  /** Whether it left processes behind that did not end by themselves; they were killed. */
  readonly leftProcesses: boolean;
};

export type RunProgramOptions = {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly withinMs: number;
  readonly signal: AbortSignal;
};

/**
 * Runs a program in a process group of its own and gathers what it writes. The whole group is killed
 * when it is late; when the signal aborts, this throws the signal's reason after killing it.
 */
export async function runProgram(options: RunProgramOptions): Promise<ProgramResult> {
  const { signal } = options;
  signal.throwIfAborted();
  const child = spawn(options.file, options.args, {
    cwd: options.folder,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  let isLate = false;
  const killGroup = (): void => void signalGroup(child.pid, "SIGKILL");
  const timer = setTimeout(() => {
    isLate = true;
    killGroup();
  }, options.withinMs);
  signal.addEventListener("abort", killGroup);
  process.once("exit", killGroup);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const leftProcesses = !isLate && (await endGroup(child.pid));
    signal.throwIfAborted();
    return { status: status ?? undefined, output, isLate, leftProcesses };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", killGroup);
    process.off("exit", killGroup);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Gives the rest of the group a moment to end; true when it had to be killed. */
async function endGroup(leader: number | undefined): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 2000; waitedMs += 20) {
    if (!signalGroup(leader, 0)) {
      return false;
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(20);
  }
  return signalGroup(leader, "SIGKILL");
}

/** False when there is nobody in the group any more. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return leader !== undefined && process.kill(-leader, signal);
  } catch {
    return false;
  }
}
