import { spawn } from "node:child_process";

import { endGroup, killGroup } from "./process-group.ts";

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
  const kill = (): void => (child.pid === undefined ? undefined : killGroup(child.pid));
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, options.withinMs);
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const leftProcesses = !isLate && child.pid !== undefined && (await endGroup(child.pid));
    signal.throwIfAborted();
    return { status: status ?? undefined, output, isLate, leftProcesses };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
