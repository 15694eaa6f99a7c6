import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** One service as a real process. */
export type ServiceProcess = AsyncDisposable & {
  readonly port: number;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves with the signal that it died of; null when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
};

/**
 * Starts the program of a service with nothing but this environment, and waits until it says which port
 * it serves. Disposing of it stops it gracefully.
 */
export async function startService(
  name: "payment" | "payment-provider",
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const program = fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...environment, LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { readonly port?: number };
    if (said.port !== undefined) {
      child.stdout.resume();
      return {
        port: said.port,
        signal: (signal) => void child.kill(signal),
        ended,
        [Symbol.asyncDispose]: async () => {
          child.kill("SIGCONT");
          child.kill("SIGTERM");
          await ended;
        },
      };
    }
  }
  throw new Error(`${name} ended before it served`);
}
