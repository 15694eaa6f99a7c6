/**
 * A way to get a program that is not on this machine. Resolves with its path, or throws an Error that says
 * why this way leads nowhere.
 */
export type WayToGet = (options: {
  /** Folder to keep the program in. */
  readonly cache: string;
  /** Hears what takes long. */
  readonly progress: (line: string) => void;
}) => Promise<string>;
