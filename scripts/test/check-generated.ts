import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CheckContext, runTool } from "./run-tool.ts";

/**
 * Generates the code of the contracts anew, beside the checkout, and compares it with what is committed.
 * Resolves with the files that differ, or with undefined.
 */
export async function checkGenerated(context: CheckContext): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-gen-"));
  try {
    const failure = await runTool(`buf generate --output ${folder}`, context);
    if (failure !== undefined) {
      return failure;
    }
    const different = differences(join(context.checkout, "gen/src"), join(folder, "gen/src"));
    return different.length === 0
      ? undefined
      : `gen/ is not what proto/ generates (run: npm run generate):\n  ${different.join("\n  ")}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function differences(committed: string, generated: string): readonly string[] {
  const names = new Set([...filesIn(committed), ...filesIn(generated)]);
  return [...names].filter((name) => read(committed, name) !== read(generated, name)).toSorted();
}

function filesIn(folder: string): readonly string[] {
  return globSync("**/*.ts", { cwd: folder });
}

function read(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return undefined;
  }
}
