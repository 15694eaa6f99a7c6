import { delimiter, join } from "node:path";

import { runProgram } from "./run-program.ts";

export type CheckContext = { readonly checkout: string; readonly signal: AbortSignal };

/** Runs one of the tools that are installed with the checkout; resolves with its output if it fails. */
export async function runTool(
  command: string,
  { checkout, signal }: CheckContext,
): Promise<string | undefined> {
  const [file = "", ...args] = command.split(" ");
  const binaries = join(checkout, "node_modules/.bin");
  const { status, output, isLate } = await runProgram({
    file: file === "node" ? process.execPath : join(binaries, file),
    args,
    folder: checkout,
    environment: {
      ...process.env,
      PATH: [binaries, process.env["PATH"] ?? ""].join(delimiter),
    },
    withinMs: 180_000,
    signal,
  });
  if (status === 0) {
    return undefined;
  }
  return `${output}\n${command}: ${isLate ? "took too long" : `exit code ${status}`}`;
}
