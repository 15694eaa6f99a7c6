/**
 * Runs an action on the files in `dataDir`. When the file system refuses something, the error is one with
 * a sentence that says what to do.
 */
export async function explainingFileFailures<T>(
  dataDir: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const sentence = typeof code === "string" ? sentences[code] : undefined;
    throw sentence === undefined ? error : new Error(sentence(dataDir), { cause: error });
  }
}

/** By the system's error code. */
const sentences: Readonly<Record<string, (dataDir: string) => string>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EACCES: notOurs,
  EPERM: notOurs,
  EROFS: (dataDir) => `${dataDir} is on a disk that can only be read: put the checkout elsewhere.`,
};

/** For a disk, or a user's share of it, that has no room left. */
export function diskFull(dataDir: string): string {
  return `The disk that holds ${dataDir} is full: free some space on it.`;
}

/** For files that another user made. */
export function notOurs(dataDir: string): string {
  return `${dataDir} belongs to another user: start as that user, or empty it (npm run reset).`;
}
