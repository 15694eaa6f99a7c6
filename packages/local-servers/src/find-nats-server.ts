import { spawnSync } from "node:child_process";

/** First version: a program on the usual paths. */
export async function findNatsServer(options: {
  readonly program: string | undefined;
  readonly progress: (line: string) => void;
}): Promise<string> {
  for (const candidate of [
    options.program,
    "/usr/local/bin/nats-server",
    "/usr/sbin/nats-server",
  ]) {
    if (
      candidate !== undefined &&
      spawnSync(candidate, ["--version"], { timeout: 10_000 }).status === 0
    ) {
      return candidate;
    }
  }
  throw new Error("nats-server is not installed: install it, or set NATS_URL to one that runs.");
}
