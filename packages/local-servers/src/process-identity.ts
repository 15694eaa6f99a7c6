import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process named so that another one which later gets the same number is not taken for it: by its
 * number and the time it was started at.
 */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** Names a process that is running; undefined when there is none of this number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === "linux" ? startedAtFromProc(pid) : startedAtFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether the very process that was named is still running; a zombie is not. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** Sends a signal, and says whether there was anybody to receive it. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Ends a process that is not a child of ours: asks by the signal, kills it after `withinMs`. */
export async function endProcess(options: {
  readonly identity: ProcessIdentity;
  readonly signal: NodeJS.Signals;
  readonly withinMs: number;
}): Promise<void> {
  const { identity, signal, withinMs } = options;
  signalProcess(identity.pid, signal);
  for (let waitedMs = 0; isProcessAlive(identity); waitedMs += 50) {
    if (waitedMs >= withinMs) {
      signalProcess(identity.pid, "SIGKILL");
    }
    if (waitedMs >= withinMs + 10_000) {
      throw new Error(`Process ${identity.pid} cannot be ended: it is another user's. Stop it.`);
    }
    await sleep(50);
  }
}

/** The command line of a process; empty when there is none. */
export function commandOf(pid: number): string {
  try {
    return process.platform === "linux"
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
      : execFileSync("ps", ["-o", "command=", "-p", String(pid)], {
          encoding: "utf8",
          timeout: 5000,
        });
  } catch {
    return "";
  }
}

/** The numbers of a process's children, as far as the system tells. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text =
      process.platform === "linux"
        ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
        : execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8", timeout: 5000 });
    return text.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Fields of `/proc/<pid>/stat` after the name in parentheses: state is the 1st, start time the 20th. */
function startedAtFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startedAtFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 5000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const [state, ...startedAt] = line.split(/\s+/);
    return state === undefined || state.startsWith("Z") ? undefined : startedAt.join(" ");
  } catch {
    return undefined;
  }
}
