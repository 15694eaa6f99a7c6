import { execFile } from "node:child_process";

export type CommandResult = {
  /** Undefined when it could not be started or had to be killed. */
  readonly status: number | undefined;
  /** What it wrote to both outputs, or why it could not be started. */
  readonly output: string;
};

/** Runs a command to its end, without input, and kills it when it takes longer than it may. */
export async function runCommand(options: {
  readonly file: string;
  readonly args: readonly string[];
  readonly withinMs: number;
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<CommandResult> {
  const { file, args, withinMs, environment } = options;
  return await new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      {
        timeout: withinMs,
        killSignal: "SIGKILL",
        maxBuffer: 16 * 1024 * 1024,
        env: { ...process.env, ...environment },
      },
      (error, stdout, stderr) => {
        const written = `${stdout}${stderr}`;
        if (error === null) {
          resolve({ status: 0, output: written });
        } else if (error.killed === true) {
          const output = `${written}\nkilled after ${withinMs / 1000} s`;
          resolve({ status: undefined, output });
        } else {
          const status = typeof error.code === "number" ? error.code : undefined;
          resolve({ status, output: written === "" ? error.message : written });
        }
      },
    );
    child.stdin?.end();
  });
}
