import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CheckContext, runTool } from "./run-tool.ts";

/**
 * Compares the contracts with those of the newest release (a tag such as `v1.2.0`), or with the last
 * commit while there is none. Resolves with what would break a client, or with undefined. Without a git
 * checkout there is nothing to compare with.
 */
export async function checkBreaking(context: CheckContext): Promise<string | undefined> {
  const { checkout } = context;
  if (!existsSync(join(checkout, ".git"))) {
    return undefined;
  }
  const base = releaseTag(checkout) ?? "HEAD";
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-proto-"));
  try {
    const archive = join(folder, "contracts.tar");
    git(checkout, ["archive", "--output", archive, base, "proto", "buf.yaml"]);
    execFileSync("tar", ["-xf", archive, "-C", folder]);
    cpSync(join(checkout, ".proto-deps"), join(folder, ".proto-deps"), { recursive: true });
    rmSync(archive);
    return await runTool(`buf breaking --against ${folder}`, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function releaseTag(checkout: string): string | undefined {
  try {
    return git(checkout, ["describe", "--tags", "--abbrev=0", "--match", "v*"]).trim();
  } catch {
    return undefined;
  }
}

function git(checkout: string, args: readonly string[]): string {
  return execFileSync("git", args, { cwd: checkout, encoding: "utf8", stdio: "pipe" });
}
