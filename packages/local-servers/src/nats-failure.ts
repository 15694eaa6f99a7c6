import { diskFull, notOurs } from "./file-failure.ts";

/** Says in a sentence why nats-server ended or did not start, from what it wrote; with its own words below. */
export function describeNatsFailure(options: {
  readonly log: string;
  readonly port: number;
  readonly dataDir: string;
}): string {
  const { log, port, dataDir } = options;
  const lastLines = log.trim().split("\n").slice(-8).join("\n  ");
  return `${sentenceFor({ log, port, dataDir })} nats-server wrote:\n  ${lastLines}`;
}

/** Whether what nats-server wrote says that its port belongs to somebody else. */
export function saysPortIsTaken(log: string): boolean {
  return /address already in use/.test(log);
}

function sentenceFor(options: {
  readonly log: string;
  readonly port: number;
  readonly dataDir: string;
}): string {
  const { log, port, dataDir } = options;
  if (saysPortIsTaken(log)) {
    return `Port ${port} is taken by another program: stop it, or choose another port for NATS.`;
  }
  if (/no space left on device/.test(log)) {
    return diskFull(dataDir);
  }
  if (/permission denied|not writable/.test(log)) {
    return notOurs(dataDir);
  }
  return `nats-server did not start on ${dataDir}.`;
}
