import { writeSync } from "node:fs";

/**
 * Named places where a test may kill the process. `FAILPOINTS=name=kill` (several are separated by commas;
 * `name=kill@3` waits for the third visit) arms them; unarmed they cost a look into an empty map. A place
 * that many things pass through can be armed for one of them: `consumer.after-ack:payment-order-aborted=kill`.
 */
const armed = new Map<string, { visitsLeft: number }>();

/** Dies by SIGKILL, not by an exception, when this place is armed: for everything, or for what passes now. */
export function failpoint(name: string, passing?: string | readonly Passing[]): void {
  if (armed.size === 0) {
    return;
  }
  visit(name);
  for (const subject of subjectsOf(passing)) {
    visit(`${name}:${subject}`);
  }
}

type Passing = { readonly subject: string };

function subjectsOf(passing: string | readonly Passing[] = []): readonly string[] {
  return typeof passing === "string" ? [passing] : passing.map(({ subject }) => subject);
}

function visit(name: string): void {
  const point = armed.get(name);
  if (point !== undefined && --point.visitsLeft === 0) {
    // At once, so that whoever reads the log sees that it was here and nowhere else.
    writeSync(2, `${diedAt(name)}\n`);
    process.kill(process.pid, "SIGKILL");
  }
}

/** What a process writes to standard error, as a line of its own, before it dies at a failpoint. */
export function diedAt(name: string): string {
  return `killed by itself at the failpoint ${name}`;
}

/** Arms the failpoints named in a specification such as `outbox.committed=kill@3`. */
export function armFailpoints(specification: string): void {
  for (const part of specification.split(",").filter((text) => text !== "")) {
    const match = /^([a-z0-9.-]+(?::[A-Za-z0-9.-]+)?)=kill(?:@([1-9][0-9]*))?$/.exec(part);
    if (match === null) {
      throw new Error(`FAILPOINTS: "${part}" is not of the form name=kill or name=kill@3`);
    }
    armed.set(match[1] ?? "", { visitsLeft: Number(match[2] ?? 1) });
  }
}
