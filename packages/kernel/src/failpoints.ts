/**
 * Named places where a test may stop, fail or kill the process. `FAILPOINTS=name=kill` (several are
 * separated by commas; `name=kill@3` waits for the third visit) arms them; unarmed they cost a look into
 * an empty map.
 */
const armed = new Map<string, { visitsLeft: number }>();

/** Dies by SIGKILL, not by an exception, when this place is armed. */
export function failpoint(name: string): void {
  if (armed.size === 0) {
    return;
  }
  const point = armed.get(name);
  if (point !== undefined && --point.visitsLeft === 0) {
    process.kill(process.pid, "SIGKILL");
  }
}

/** Arms the failpoints named in a specification such as `outbox.committed=kill@3`. */
export function armFailpoints(specification: string): void {
  for (const part of specification.split(",").filter((text) => text !== "")) {
    const match = /^([a-z0-9.-]+)=kill(?:@([1-9][0-9]*))?$/.exec(part);
    if (match === null) {
      throw new Error(`FAILPOINTS: "${part}" is not of the form name=kill or name=kill@3`);
    }
    armed.set(match[1] ?? "", { visitsLeft: Number(match[2] ?? 1) });
  }
}
