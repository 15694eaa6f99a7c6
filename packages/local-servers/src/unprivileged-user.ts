import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

/** The user, other than our own, that a server runs as. */
export type RunAs = {
  readonly name: string;
  readonly ids: { readonly uid: number; readonly gid: number };
};

/**
 * The user that PostgreSQL, which refuses to run as root, runs as: undefined (our own) unless we are root;
 * then the owner of the data directory if there is one already, else `postgres`, else `nobody`.
 */
export function unprivilegedUser(dataDir: string): RunAs | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const users = readUsers();
  const ownerUid = statSync(dataDir, { throwIfNoEntry: false })?.uid ?? 0;
  const user =
    users.find(({ ids }) => ownerUid !== 0 && ids.uid === ownerUid) ??
    users.find(({ name }) => name === "postgres") ??
    users.find(({ name }) => name === "nobody");
  if (user === undefined) {
    throw new Error(
      "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as: " +
        "start as an ordinary user, or set DATABASE_URL to a server that runs already.",
    );
  }
  return user;
}

/** Whether the user (undefined for our own) can enter the folder and read in it. */
export function canEnter(runAs: RunAs | undefined, folder: string): boolean {
  const script = 'cd "$1" && test -r .';
  const result = spawnSync("/bin/sh", ["-c", script, "sh", folder], {
    ...runAs?.ids,
    cwd: "/",
    timeout: 10_000,
  });
  return result.status === 0;
}

function readUsers(): readonly RunAs[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .flatMap(([name, , uid, gid]) =>
      name === undefined || uid === undefined || gid === undefined
        ? []
        : [{ name, ids: { uid: Number(uid), gid: Number(gid) } }],
    );
}
