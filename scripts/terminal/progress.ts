import { colour } from "./colour.ts";

/** Shows how far a long work is: one line that is written anew in a terminal, few lines elsewhere. */
export type Progress = {
  readonly show: (done: number, note?: string) => void;
  readonly end: () => void;
};

export function startProgress(what: string, total: number): Progress {
  let shownAt = 0;
  const write = (done: number, note: string): void => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const bar = "█".repeat(Math.round(share * 24)).padEnd(24, "░");
    const line = `${what} ${colour("cyan", bar)} ${done}/${total} ${note}`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001B[2K${line}` : `${line}\n`);
  };
  const everyMs = process.stdout.isTTY ? 100 : 2000;
  return {
    show(done, note = "") {
      if (performance.now() - shownAt >= everyMs) {
        shownAt = performance.now();
        write(done, note);
      }
    },
    end() {
      write(total, "");
      if (process.stdout.isTTY) {
        process.stdout.write("\n");
      }
    },
  };
}
