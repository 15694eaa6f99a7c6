import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Inventory as a process of its own. Disposing of it kills it. */
export type InventoryProcess = AsyncDisposable & {
  /** Resolves when it serves; rejects when it ends before. */
  readonly port: Promise<number>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves with the exit code, or the signal that it died of. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** What it wrote to standard error until it ended. */
  readonly errors: Promise<string>;
};

/** Starts `main.ts` with nothing but this environment. */
export function startInventoryProcess(
  environment: Readonly<Record<string, string>>,
): InventoryProcess {
  const program = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...environment, LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit").then(
    ([code, signal]) => (signal ?? code) as number | NodeJS.Signals,
  );
  const errors = text(child.stderr);
  const port = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as { readonly port?: number };
      if (said.port !== undefined) {
        resolve(said.port);
      }
    });
    void ended.then(() => reject(new Error("inventory ended before it served")));
  });
  port.catch(() => {});
  return {
    port,
    signal: (name) => void child.kill(name),
    ended,
    errors,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
