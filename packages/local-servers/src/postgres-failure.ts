import { diskFull, notOurs } from "./file-failure.ts";

/** Says in a sentence why PostgreSQL ended or did not start, from what it wrote; with its own words below. */
export function describePostgresFailure(options: {
  readonly log: string;
  readonly port?: number;
  readonly dataDir: string;
}): string {
  const { log, dataDir } = options;
  const known = reasons.find(({ pattern }) => pattern.test(log));
  const sentence = known?.sentence({ ...options, port: options.port ?? 0 });
  const lastLines = log.trim().split("\n").slice(-8).join("\n  ");
  return `${sentence ?? `PostgreSQL did not start on ${dataDir}.`} PostgreSQL wrote:\n  ${lastLines}`;
}

/** Whether what PostgreSQL wrote says that its port belongs to somebody else. */
export function saysPortIsTaken(log: string): boolean {
  return /Address already in use/.test(log);
}

/** Whether processes of a killed server still hold its memory; they let go of it by themselves. */
export function saysOldServerLingers(log: string): boolean {
  return /pre-existing shared memory block|lock file "postmaster\.pid" already exists/.test(log);
}

type Reason = {
  readonly pattern: RegExp;
  readonly sentence: (facts: { readonly port: number; readonly dataDir: string }) => string;
};

const reasons: readonly Reason[] = [
  {
    pattern: /Address already in use/,
    sentence: ({ port }) =>
      `Port ${port} is taken by another program: stop it, or choose another port for PostgreSQL.`,
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    sentence: ({ dataDir }) => diskFull(dataDir),
  },
  {
    pattern: /database files are incompatible with server|was initialized by PostgreSQL version/,
    sentence: ({ dataDir }) =>
      `${dataDir} was written by another version of PostgreSQL: npm run reset empties it.`,
  },
  {
    pattern: /error while loading shared libraries|Library not loaded/,
    sentence: () =>
      "PostgreSQL's programs miss a library of the system; install it, or set DATABASE_URL to a server " +
      "that runs already.",
  },
  {
    pattern: /could not create shared memory segment|could not resize shared memory/,
    sentence: () => "The system gives PostgreSQL too little shared memory (see /dev/shm).",
  },
  {
    pattern: /Permission denied|wrong ownership|invalid permissions/,
    sentence: ({ dataDir }) => notOurs(dataDir),
  },
];
