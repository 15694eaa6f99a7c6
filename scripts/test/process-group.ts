import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Kills all processes of a group. */
export function killGroup(leader: number): void {
  signalGroup(leader, "SIGKILL");
}

/**
 * Gives what is left of a group, whose leader has ended, a moment to end by itself, and kills it then.
 * Resolves with true when that was necessary.
 */
export async function endGroup(leader: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 2000; waitedMs += 20) {
    if (!isGroupAlive(leader)) {
      return false;
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(20);
  }
  return signalGroup(leader, "SIGKILL");
}

/** A process that ended, and that nobody has asked about yet, can still be signalled: it does not count. */
function isGroupAlive(leader: number): boolean {
  if (!signalGroup(leader, 0) || process.platform !== "linux") {
    return signalGroup(leader, 0);
  }
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .some((pid) => {
      const [state, , group] = statOf(pid);
      return Number(group) === leader && state !== "Z" && state !== "X";
    });
}

/** State, parent, group and so on. */
function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** False when there is nobody in the group any more. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
